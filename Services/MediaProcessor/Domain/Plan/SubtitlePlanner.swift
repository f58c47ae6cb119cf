/// Decides which subtitles are made of a source's streams.
struct SubtitlePlanner {
    /// Renditions at most; further streams are left out.
    static let limit = 8

    /// In the file's order; one at most is shown without being asked for.
    func renditions(for streams: [SubtitleStream]) -> [SubtitleRendition] {
        let chosen = streams.prefix(Self.limit)
        let shown = chosen.first { $0.isDefault && $0.role != .forced }
        var names = UniqueNames(separator: "-")
        var labels = UniqueNames(separator: " ")
        return chosen.map { stream in
            let language = LanguageTag(container: stream.language)
            let label = TrackLabel(
                language: language,
                title: stream.title,
                role: stream.role.label,
                unknown: "Subtitles"
            )
            return SubtitleRendition(
                stream: stream.index,
                name: names.take(language.tag),
                language: language.tag,
                label: labels.take(label.text),
                role: stream.role,
                isDefault: stream == shown
            )
        }
    }
}

/// Subtitles as WebVTT.
package struct SubtitleRendition: Sendable, Hashable, Codable {
    /// The index of the source's stream.
    package var stream: Int
    /// The folder's name, as no other subtitles': the language, with a number where there are several.
    package var name: String
    /// The playlists' LANGUAGE.
    package var language: String
    /// What a player's menu shows, as for no other subtitles.
    package var label: String
    package var role: SubtitleRole
    /// Whether players show them without being asked to.
    package var isDefault: Bool

    package init(
        stream: Int,
        name: String,
        language: String,
        label: String,
        role: SubtitleRole = .subtitles,
        isDefault: Bool = false
    ) {
        self.stream = stream
        self.name = name
        self.language = language
        self.label = label
        self.role = role
        self.isDefault = isDefault
    }
}

extension SubtitleRole {
    /// Behind the language in a player's menu.
    fileprivate var label: String? {
        switch self {
        case .subtitles: nil
        case .captions: "captions"
        case .forced: "forced"
        case .commentary: "commentary"
        }
    }
}
