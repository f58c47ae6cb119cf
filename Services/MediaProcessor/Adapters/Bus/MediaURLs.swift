package import EventSchema
package import Foundation
package import MediaDomain

/// Where viewers find a media's objects: below `CDN_BASE_URL`.
package struct MediaURLs: Sendable, Hashable {
    private let base: String

    /// - Parameter base: With or without a slash at its end.
    package init(base: String) {
        self.base = String(base.reversed().drop { $0 == "/" }.reversed())
    }

    /// Where a media can be watched while the rest of it is made.
    package func playable(mediaID: UUID) -> String { "\(base)/\(mediaID.lowercased)/\(OutputLayout.hlsMaster)" }

    /// The event that says a media is playable.
    package func ready(_ asset: AssetDescription, mediaID: UUID, userID: String?) -> MediaReady {
        func url(_ name: String) -> String { "\(base)/\(mediaID.lowercased)/\(name)" }
        var additional: JSONObject = ["incomplete": .bool(asset.incomplete)]
        additional.set("poster_url", asset.hasPoster ? url(asset.prefix + OutputLayout.poster) : nil)
        additional.set(
            "storyboard_url",
            asset.hasStoryboard ? url(asset.prefix + OutputLayout.storyboardTrack) : nil
        )
        return MediaReady(
            mediaID: mediaID,
            userID: userID,
            playbackURLs: MediaReady.PlaybackURLs(
                hls: url(OutputLayout.hlsMaster),
                dash: url(OutputLayout.dashManifest)
            ),
            thumbnailURLs: (0..<asset.thumbnails).map { url(asset.prefix + OutputLayout.thumbnail($0 + 1)) },
            duration: asset.duration,
            resolutions: asset.video.map(\.name),
            additional: additional
        )
    }
}
