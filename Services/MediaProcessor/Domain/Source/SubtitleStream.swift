/// A stream of subtitles that are text.
package struct SubtitleStream: Sendable, Hashable, Codable {
    /// The stream's index in its container.
    package var index: Int
    /// libavcodec's name: `mov_text`, `subrip`, `webvtt`, `ass`.
    package var codec: String
    /// ISO 639-2 as the container has it; `und` where unknown.
    package var language: String
    /// What the file calls it; `nil` if it does not.
    package var title: String?
    package var role: SubtitleRole
    /// Whether the file asks for it to be shown.
    package var isDefault: Bool

    package init(
        index: Int,
        codec: String,
        language: String,
        title: String? = nil,
        role: SubtitleRole = .subtitles,
        isDefault: Bool = false
    ) {
        self.index = index
        self.codec = codec
        self.language = language
        self.title = title
        self.role = role
        self.isDefault = isDefault
    }

    private enum CodingKeys: String, CodingKey {
        case index, codec, language, title, role
        case isDefault = "default"
    }
}

/// What subtitles are there for.
package enum SubtitleRole: String, Sendable, Hashable, Codable, CaseIterable {
    /// What is said.
    case subtitles
    /// What is said and heard, for those who do not hear it.
    case captions
    /// Only what everybody needs: signs, and words in a foreign language.
    case forced
    case commentary
}
