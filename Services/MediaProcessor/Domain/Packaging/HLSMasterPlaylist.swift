/// Writes `master.m3u8`, the multivariant playlist (RFC 8216 4.3.4), from what was measured.
package struct HLSMasterPlaylist: Sendable {
    private static let audioGroup = "audio"

    package let presentation: Presentation

    package init(_ presentation: Presentation) {
        self.presentation = presentation
    }

    package var text: String {
        var lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-INDEPENDENT-SEGMENTS"]
        if presentation.video.isEmpty {
            lines += presentation.audio.map(soundAlone) ?? []
        } else {
            lines += presentation.audio.map { [soundRendition($0)] } ?? []
            lines += presentation.video.flatMap(variant)
            // As long as a rendition grows, only whole segments of it are named.
            let whole = presentation.video.filter { $0.estimate == nil && !$0.track.iframes.isEmpty }
            lines += whole.map(iframeVariant)
        }
        return (lines + [""]).joined(separator: "\n")
    }

    // MARK: Entries

    private func variant(_ video: Presentation.Video) -> [String] {
        let sound = presentation.audio?.track
        var attributes = HLSAttributes()
        let soundRates = presentation.audio.map { [$0.estimate ?? rates(of: $0.track)] } ?? []
        attributes.add(bitrates: [video.estimate ?? rates(of: video.track)] + soundRates)
        attributes.add(
            "CODECS",
            quoted: ([video.track.codecs] + (sound.map { [$0.codecs] } ?? [])).joined(separator: ",")
        )
        attributes.add("RESOLUTION", "\(video.rung.width)x\(video.rung.height)")
        attributes.add(frameRate: video.track.frameRate)
        if sound != nil { attributes.add("AUDIO", quoted: Self.audioGroup) }
        attributes.add("CLOSED-CAPTIONS", "NONE")
        return ["#EXT-X-STREAM-INF:\(attributes.text)", uri(OutputLayout.videoFolder(video.rung.name))]
    }

    private func iframeVariant(_ video: Presentation.Video) -> String {
        var attributes = HLSAttributes()
        attributes.add(bitrates: [video.track.iframeBitrates(targetDuration: presentation.targetDuration)])
        attributes.add("CODECS", quoted: video.track.codecs)
        attributes.add("RESOLUTION", "\(video.rung.width)x\(video.rung.height)")
        attributes.add("URI", quoted: uri(OutputLayout.videoFolder(video.rung.name), OutputLayout.iframePlaylist))
        return "#EXT-X-I-FRAME-STREAM-INF:\(attributes.text)"
    }

    private func soundRendition(_ audio: Presentation.Audio) -> String {
        let language = audio.rendition.language
        var attributes = HLSAttributes()
        attributes.add("TYPE", "AUDIO")
        attributes.add("GROUP-ID", quoted: Self.audioGroup)
        attributes.add("NAME", quoted: LanguageTag(tag: language).displayName)
        attributes.add("LANGUAGE", quoted: language)
        attributes.add("DEFAULT", "YES")
        attributes.add("AUTOSELECT", "YES")
        attributes.add("CHANNELS", quoted: String(audio.rendition.channels))
        attributes.add("URI", quoted: uri(OutputLayout.audioFolder(language)))
        return "#EXT-X-MEDIA:\(attributes.text)"
    }

    private func soundAlone(_ audio: Presentation.Audio) -> [String] {
        var attributes = HLSAttributes()
        attributes.add(bitrates: [audio.estimate ?? rates(of: audio.track)])
        attributes.add("CODECS", quoted: audio.track.codecs)
        return ["#EXT-X-STREAM-INF:\(attributes.text)", uri(OutputLayout.audioFolder(audio.rendition.language))]
    }

    private func rates(of track: TrackResult) -> BitrateMeasurement {
        track.bitrates(targetDuration: presentation.targetDuration)
    }

    private func uri(_ folder: String, _ playlist: String = OutputLayout.mediaPlaylist) -> String {
        "\(presentation.prefix)\(folder)/\(playlist)"
    }
}
