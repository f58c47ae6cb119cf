/// Decides which sound renditions are made of a source's streams.
///
/// AAC-LC at 128 kbit/s: mono stays mono, everything else becomes stereo. All have one sampling rate, so that their segments are
/// alike: 44.1 kHz if every stream has it, 48 kHz otherwise.
struct AudioPlanner {
    /// LUFS; `nil` for as loud as they are.
    let loudness: Double?

    /// Renditions at most; further streams are left out.
    static let limit = 8

    /// The default rendition first.
    func renditions(for streams: [AudioStream]) -> [AudioRendition] {
        let chosen = streams.prefix(Self.limit)
        let sampleRate = chosen.allSatisfy { $0.sampleRate == 44_100 } ? 44_100 : 48_000
        var names = UniqueNames(separator: "-")
        var labels = UniqueNames(separator: " ")
        return chosen.map { stream in
            let language = LanguageTag(container: stream.language)
            let label = TrackLabel(language: language, title: stream.title, role: stream.role.label, unknown: "Audio")
            return AudioRendition(
                stream: stream.index,
                name: names.take(language.tag),
                language: language.tag,
                label: labels.take(label.text),
                role: stream.role,
                bitrate: 128_000,
                sampleRate: sampleRate,
                channels: stream.channels == 1 ? 1 : 2,
                loudness: loudness
            )
        }
    }
}

extension SoundRole {
    /// Behind the language in a player's menu.
    fileprivate var label: String? {
        switch self {
        case .main, .dub: nil
        case .commentary: "commentary"
        case .description: "audio description"
        case .clearSpeech: "clear speech"
        }
    }
}
