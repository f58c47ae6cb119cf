/// What a player's menu calls a track.
struct TrackLabel {
    /// Characters.
    private static let longestTitle = 64

    let text: String

    /// - Parameters:
    ///   - title: What the file calls the track.
    ///   - role: What the track is there for, unless that goes without saying.
    ///   - unknown: What stands for a language that is not known.
    init(language: LanguageTag, title: String?, role: String?, unknown: String) {
        let title = title.map(Self.clean).flatMap { $0.isEmpty ? nil : $0 }
        let name = language.displayName ?? unknown
        guard let detail = title ?? role else {
            text = name
            return
        }
        let tellsLanguage = detail.lowercased().contains(name.lowercased())
        text = title != nil && (tellsLanguage || language.tag == "und") ? detail : "\(name) (\(detail))"
    }

    /// One line without control characters, bounded.
    private static func clean(_ title: String) -> String {
        let shown = title.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : Character($0) }
        return String(String(shown).split(separator: " ").joined(separator: " ").prefix(longestTitle))
    }
}

/// Makes names differ by putting numbers behind those that were taken before: `en`, `en-2`.
struct UniqueNames {
    private let separator: String
    private var taken: Set<String> = []

    init(separator: String) { self.separator = separator }

    mutating func take(_ name: String) -> String {
        var candidate = name
        var number = 1
        while !taken.insert(candidate).inserted {
            number += 1
            candidate = "\(name)\(separator)\(number)"
        }
        return candidate
    }
}
