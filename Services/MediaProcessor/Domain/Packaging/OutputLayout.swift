/// The names of a media's objects below its folder.
package enum OutputLayout {
    package static let hlsMaster = "master.m3u8"
    package static let dashManifest = "manifest.mpd"
    package static let poster = "poster.jpg"
    package static let storyboardTrack = "storyboard.vtt"
    package static let assetDescription = "asset.json"

    /// What belongs to whichever version is published, in the order in which it is written.
    package static let front = [hlsMaster, dashManifest, assetDescription]

    package static func videoFolder(_ rung: String) -> String { "video/\(rung)" }
    package static func audioFolder(_ language: String) -> String { "audio/\(language)" }
    /// Numbered from 1.
    package static func thumbnail(_ number: Int) -> String { "thumb_\(number).jpg" }
    /// Numbered from 1.
    package static func storyboardSheet(_ number: Int) -> String { "storyboard_\(number).jpg" }

    // Within a rendition's folder.
    package static let initSegment = "init.mp4"
    package static let mediaPlaylist = "media.m3u8"
    package static let iframePlaylist = "iframes.m3u8"
    /// Numbered from 1: `seg_00001.m4s`.
    package static func segment(_ number: Int) -> String {
        let digits = String(number)
        return "seg_\(String(repeating: "0", count: max(0, 5 - digits.count)))\(digits).m4s"
    }
}
