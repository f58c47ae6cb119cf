import EventSchema
import Foundation

/// `asset.json`: what was made, from what, with which settings, as measured.
///
/// Stored last of all, so whoever reads it knows that everything else is stored. Holds no clock: a repeated job writes
/// the same bytes.
package struct AssetDescription: Sendable, Hashable, Codable {
    /// One rendition as it was made.
    package struct Rendition: Sendable, Hashable, Codable {
        /// The rung's name, or the sound's, which its folder has.
        package var name: String
        /// Of sound: RFC 5646.
        package var language: String?
        /// Of sound: what a player's menu shows.
        package var label: String?
        /// Of sound.
        package var role: SoundRole?
        /// Pixels; `nil` for sound.
        package var width: Int?
        package var height: Int?
        package var codecs: String
        package var frameRate: Double?
        package var segments: Int
        /// Of all segments together.
        package var bytes: Int
        /// Bits per second, as the playlists declare them.
        package var peakBitrate: Int
        package var averageBitrate: Int
        /// Relative to the media's folder.
        package var playlist: String

        private enum CodingKeys: String, CodingKey {
            case name, language, label, role, width, height, codecs, segments, bytes, playlist
            case frameRate = "frame_rate"
            case peakBitrate = "peak_bitrate"
            case averageBitrate = "average_bitrate"
        }
    }

    /// One track of subtitles as it was made.
    package struct Subtitles: Sendable, Hashable, Codable {
        /// Its folder has this name.
        package var name: String
        /// RFC 5646.
        package var language: String
        /// What a player's menu shows.
        package var label: String
        package var role: SubtitleRole
        package var isDefault: Bool
        package var cues: Int
        package var segments: Int
        /// Relative to the media's folder: for HLS, and all in one file.
        package var playlist: String
        package var file: String

        private enum CodingKeys: String, CodingKey {
            case name, language, label, role, cues, segments, playlist, file
            case isDefault = "default"
        }
    }

    package var mediaID: String
    /// The upload that it was made for.
    package var eventID: String
    /// The upload's `file_path`.
    package var sourceURI: String
    /// When the upload was announced, RFC 3339; an upload that was announced before does not replace it.
    package var uploadedAt: String?
    package var source: SourceDescription
    package var settings: TranscodeSettings
    /// What the settings and the content made of the ladder, best first.
    package var rungs: [Rung]?
    /// What a look at the content found, if there was one.
    package var complexity: ContentComplexity?
    /// Where renditions and pictures lie, relative to the media's folder: empty, or a folder's name and a slash.
    package var prefix: String
    /// Seconds.
    package var duration: Double
    package var incomplete: Bool
    /// Best first.
    package var video: [Rendition]
    package var audio: [Rendition]
    package var subtitles: [Subtitles]
    /// `thumb_1.jpg` onwards.
    package var thumbnails: Int
    package var hasPoster: Bool
    package var hasStoryboard: Bool
    /// The SHA-256, in hexadecimal digits, of the playlist and the manifest that viewers come in by, and of the list that has
    /// it of everything else; by name.
    package var checksums: [String: String]?

    private enum CodingKeys: String, CodingKey {
        case source, settings, rungs, complexity, prefix, duration, incomplete, video, audio, subtitles, thumbnails
        case checksums
        case mediaID = "media_id"
        case eventID = "event_id"
        case sourceURI = "source_uri"
        case uploadedAt = "uploaded_at"
        case hasPoster = "has_poster"
        case hasStoryboard = "has_storyboard"
    }
}

extension AssetDescription {
    package init(job: MediaJob, source: SourceDescription, result: TranscodeResult, _ presentation: Presentation) {
        mediaID = job.mediaID.lowercased
        eventID = job.eventID.lowercased
        sourceURI = job.sourceURI
        uploadedAt = job.uploadedAt
        self.source = source
        settings = job.settings
        rungs = presentation.video.map(\.rung)
        prefix = presentation.prefix
        duration = presentation.duration
        incomplete = result.incomplete
        thumbnails = result.thumbnailCount
        hasPoster = result.thumbnailCount > 0
        hasStoryboard = presentation.storyboard != nil
        let target = presentation.targetDuration
        video = presentation.video.map { Rendition($0, target, presentation.prefix) }
        subtitles = presentation.subtitles.map { Subtitles($0, presentation.prefix) }
        audio = presentation.audio.map { Rendition($0, target, presentation.prefix) }
    }

    /// The description as JSON, members ordered by name.
    package var encoded: [UInt8] {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
            return Array(try encoder.encode(self)) + [UInt8(ascii: "\n")]
        }
    }

    /// Reads what `encoded` wrote; `nil` for anything else.
    package init?(parsing bytes: [UInt8]) {
        guard let description = try? JSONDecoder().decode(Self.self, from: Data(bytes)) else { return nil }
        self = description
    }
}

extension AssetDescription.Subtitles {
    fileprivate init(_ subtitles: Presentation.Subtitles, _ prefix: String) {
        let folder = prefix + OutputLayout.subtitleFolder(subtitles.rendition.name)
        name = subtitles.rendition.name
        language = subtitles.rendition.language
        label = subtitles.rendition.label
        role = subtitles.rendition.role
        isDefault = subtitles.rendition.isDefault
        cues = subtitles.track.cues
        segments = subtitles.track.segments.count
        playlist = "\(folder)/\(OutputLayout.mediaPlaylist)"
        file = "\(folder)/\(OutputLayout.allSubtitles)"
    }
}

extension AssetDescription.Rendition {
    fileprivate init(_ video: Presentation.Video, _ targetDuration: Int, _ prefix: String) {
        self.init(
            video.rung.name,
            video.track,
            targetDuration,
            folder: prefix + OutputLayout.videoFolder(video.rung.name)
        )
        width = video.rung.width
        height = video.rung.height
    }

    fileprivate init(_ audio: Presentation.Audio, _ targetDuration: Int, _ prefix: String) {
        let name = audio.rendition.name
        self.init(name, audio.track, targetDuration, folder: prefix + OutputLayout.audioFolder(name))
        language = audio.rendition.language
        label = audio.rendition.label
        role = audio.rendition.role
    }

    private init(_ name: String, _ track: TrackResult, _ targetDuration: Int, folder: String) {
        let rates = track.bitrates(targetDuration: targetDuration)
        self.name = name
        codecs = track.codecs
        frameRate = track.frameRate
        segments = track.segments.count
        bytes = track.size
        peakBitrate = rates.peak
        averageBitrate = rates.average
        playlist = "\(folder)/\(OutputLayout.mediaPlaylist)"
    }
}
