/// The names of a media's objects below its folder.
package enum OutputLayout {
    package static let hlsMaster = "master.m3u8"
    package static let dashManifest = "manifest.mpd"
    package static let poster = "poster.jpg"
    package static let storyboardTrack = "storyboard.vtt"
    package static let checksums = "SHA256SUMS"
    package static let assetDescription = "asset.json"

    /// What belongs to whichever version is published, in the order in which it is written.
    package static let front = [hlsMaster, dashManifest, assetDescription]

    package static func videoFolder(_ rung: String) -> String { "video/\(rung)" }
    package static func audioFolder(_ name: String) -> String { "audio/\(name)" }
    package static func subtitleFolder(_ name: String) -> String { "subtitles/\(name)" }
    /// Numbered from 1.
    package static func thumbnail(_ number: Int) -> String { "\(thumbnailPrefix)\(number).jpg" }
    /// Numbered from 1.
    package static func storyboardSheet(_ number: Int) -> String { "\(storyboardPrefix)\(number).jpg" }
    static let thumbnailPrefix = "thumb_"
    static let storyboardPrefix = "storyboard_"

    // Within a rendition's folder.
    package static let initSegment = "init.mp4"
    package static let mediaPlaylist = "media.m3u8"
    package static let iframePlaylist = "iframes.m3u8"
    /// All subtitles in one file.
    package static let allSubtitles = "subtitles.vtt"
    /// Numbered from 1: `seg_00001.m4s`.
    package static func segment(_ number: Int) -> String { "\(segmentPrefix)\(number.padded(to: 5)).m4s" }
    /// Numbered from 1: `seg_00001.vtt`.
    package static func subtitleSegment(_ number: Int) -> String { "\(segmentPrefix)\(number.padded(to: 5)).vtt" }
    static let segmentPrefix = "seg_"
}
