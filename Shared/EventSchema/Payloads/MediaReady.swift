package import Foundation

/// An upload is playable: every object that its playlists name is stored.
///
/// Sent once.
package struct MediaReady: EventPayload {
    package static let eventType = "media.ready"

    package struct PlaybackURLs: Sendable, Hashable {
        /// The HLS multivariant playlist.
        package var hls: String
        /// The DASH manifest, over the same segments.
        package var dash: String

        package init(hls: String, dash: String) {
            self.hls = hls
            self.dash = dash
        }
    }

    package var mediaID: UUID
    package var userID: String?
    package var playbackURLs: PlaybackURLs
    package var thumbnailURLs: [String]
    /// Seconds.
    package var duration: Double
    /// The rungs, best first: `1080p`.
    package var resolutions: [String]
    /// Further facts: `poster_url`, `storyboard_url`, `incomplete`.
    package var additional: JSONObject

    package init(
        mediaID: UUID,
        userID: String? = nil,
        playbackURLs: PlaybackURLs,
        thumbnailURLs: [String],
        duration: Double,
        resolutions: [String],
        additional: JSONObject = [:]
    ) {
        self.mediaID = mediaID
        self.userID = userID
        self.playbackURLs = playbackURLs
        self.thumbnailURLs = thumbnailURLs
        self.duration = duration
        self.resolutions = resolutions
        self.additional = additional
    }

    package init(reading reader: inout ObjectReader) throws(SchemaError) {
        mediaID = try reader.uuid("media_id")
        userID = try reader.optionalIdentifier("user_id")
        var urls = try reader.reader("playback_urls")
        playbackURLs = PlaybackURLs(hls: try urls.string("hls"), dash: try urls.string("dash"))
        thumbnailURLs = try reader.strings("thumbnail_urls")
        duration = try reader.number("duration")
        resolutions = try reader.strings("resolutions")
        additional = reader.remaining
    }

    package var json: JSONObject {
        var object = additional
        object["media_id"] = .string(mediaID.lowercased)
        object.set("user_id", userID)
        object["playback_urls"] = ["hls": .string(playbackURLs.hls), "dash": .string(playbackURLs.dash)]
        object["thumbnail_urls"] = .array(thumbnailURLs.map { .string($0) })
        object["duration"] = .double(duration)
        object["resolutions"] = .array(resolutions.map { .string($0) })
        return object
    }
}
