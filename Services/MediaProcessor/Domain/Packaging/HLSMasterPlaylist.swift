/// Writes `master.m3u8`, the multivariant playlist (RFC 8216 4.3.4), from what was measured.
package struct HLSMasterPlaylist: Sendable {
    private static let audioGroup = "audio"
    private static let subtitleGroup = "subtitles"

    package let presentation: Presentation

    package init(_ presentation: Presentation) {
        self.presentation = presentation
    }

    package var text: String {
        var lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-INDEPENDENT-SEGMENTS"]
        if presentation.video.isEmpty {
            lines += soundAlone
        } else {
            lines += soundRenditions + subtitleRenditions
            lines += presentation.video.flatMap(variant)
            // As long as a rendition grows, only whole segments of it are named.
            let whole = presentation.video.filter { $0.estimate == nil && !$0.track.iframes.isEmpty }
            lines += whole.map(iframeVariant)
        }
        return (lines + [""]).joined(separator: "\n")
    }

    // MARK: Entries

    private func variant(_ video: Presentation.Video) -> [String] {
        var attributes = HLSAttributes()
        attributes.add(bitrates: [video.estimate ?? rates(of: video.track)] + (mostSound.map { [$0] } ?? []))
        attributes.add("CODECS", quoted: ([video.track.codecs] + soundCodecs).joined(separator: ","))
        attributes.add("RESOLUTION", "\(video.rung.width)x\(video.rung.height)")
        attributes.add(frameRate: video.track.frameRate)
        if !presentation.audio.isEmpty { attributes.add("AUDIO", quoted: Self.audioGroup) }
        if !presentation.subtitles.isEmpty { attributes.add("SUBTITLES", quoted: Self.subtitleGroup) }
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

    private var soundRenditions: [String] {
        var automatic: Set<[String]> = []
        return presentation.audio.enumerated().map { index, audio in
            // A player chooses by language and purpose; where two are alike, the first is meant.
            let isAutomatic = automatic.insert([audio.rendition.language, audio.rendition.role.rawValue]).inserted
            let isOffered = isAutomatic && audio.rendition.role != .commentary
            return soundRendition(audio, isDefault: index == 0, isAutomatic: index == 0 || isOffered)
        }
    }

    private func soundRendition(_ audio: Presentation.Audio, isDefault: Bool, isAutomatic: Bool) -> String {
        let rendition = audio.rendition
        var attributes = HLSAttributes()
        attributes.add("TYPE", "AUDIO")
        attributes.add("GROUP-ID", quoted: Self.audioGroup)
        attributes.add("NAME", quoted: rendition.label)
        attributes.add("LANGUAGE", quoted: rendition.language)
        attributes.add("DEFAULT", isDefault ? "YES" : "NO")
        attributes.add("AUTOSELECT", isAutomatic ? "YES" : "NO")
        if let characteristics = rendition.role.characteristics {
            attributes.add("CHARACTERISTICS", quoted: characteristics)
        }
        attributes.add("CHANNELS", quoted: String(rendition.channels))
        attributes.add("URI", quoted: uri(OutputLayout.audioFolder(rendition.name)))
        return "#EXT-X-MEDIA:\(attributes.text)"
    }

    private var soundAlone: [String] {
        guard let first = presentation.audio.first else { return [] }
        let isChoice = presentation.audio.count > 1
        var attributes = HLSAttributes()
        attributes.add(bitrates: mostSound.map { [$0] } ?? [])
        attributes.add("CODECS", quoted: soundCodecs.joined(separator: ","))
        if isChoice { attributes.add("AUDIO", quoted: Self.audioGroup) }
        if !presentation.subtitles.isEmpty { attributes.add("SUBTITLES", quoted: Self.subtitleGroup) }
        let variant = ["#EXT-X-STREAM-INF:\(attributes.text)", uri(OutputLayout.audioFolder(first.rendition.name))]
        return (isChoice ? soundRenditions : []) + subtitleRenditions + variant
    }

    private var subtitleRenditions: [String] {
        var automatic: Set<[String]> = []
        return presentation.subtitles.map { subtitles in
            let rendition = subtitles.rendition
            let isFirst = automatic.insert([rendition.language, rendition.role.rawValue]).inserted
            return subtitles.hlsRendition(
                group: Self.subtitleGroup,
                uri: uri(OutputLayout.subtitleFolder(rendition.name)),
                isAutomatic: rendition.isDefault || isFirst && rendition.role != .commentary
            )
        }
    }

    // MARK: Values

    /// Of the rendition that needs most: a player plays one of them.
    private var mostSound: BitrateMeasurement? {
        let all = presentation.audio.map { $0.estimate ?? rates(of: $0.track) }
        guard let first = all.first else { return nil }
        return all.dropFirst().reduce(first) { $0.larger($1) }
    }

    private var soundCodecs: [String] {
        presentation.audio.map(\.track.codecs).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    private func rates(of track: TrackResult) -> BitrateMeasurement {
        track.bitrates(targetDuration: presentation.targetDuration)
    }

    private func uri(_ folder: String, _ playlist: String = OutputLayout.mediaPlaylist) -> String {
        "\(presentation.prefix)\(folder)/\(playlist)"
    }
}

extension SoundRole {
    /// Uniform type identifiers that players look for (RFC 8216 4.3.4.1).
    fileprivate var characteristics: String? {
        switch self {
        case .description: "public.accessibility.describes-video"
        case .clearSpeech: "public.accessibility.enhances-speech-intelligibility"
        case .main, .dub, .commentary: nil
        }
    }
}
