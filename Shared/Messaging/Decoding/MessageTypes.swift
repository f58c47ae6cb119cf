import EventSchema

/// Finds the event type that a backend means by the name of a class of its own.
struct MessageTypes: Sendable {
    private let configured: [String: String]

    /// Endings by which frameworks tell classes apart; they say nothing about the event.
    private static let suffixes = ["event", "message", "command", "job"]

    private static let byLetters = Dictionary(
        EventCatalog.eventTypes.map { (letters(of: $0), $0) },
        uniquingKeysWith: { first, _ in first }
    )

    init(_ configured: [String: String]) {
        let pairs = configured.map { (Self.canonical($0), $1) }
        self.configured = Dictionary(pairs, uniquingKeysWith: { first, _ in first })
    }

    /// What the operator has set for `name`.
    func configured(_ name: String) -> String? { configured[Self.canonical(name)] }

    /// The type for `name` as the operator has set it, else as its letters tell: `App\Message\MediaUploadedEvent` is
    /// `media.uploaded`.
    func eventType(of name: String) -> String? {
        configured(name) ?? Self.byBaseName(name)
    }

    /// The error for a class of which no event type is known, found at `path`.
    func unknown(_ name: String, at path: String) -> SchemaError {
        let shown = String(name.prefix(100))
        return SchemaError(
            .unknownEventType,
            "\(path): no event type is known for \"\(shown)\": set MESSAGE_TYPES=\(shown)=<event type>, or name the class "
                + "after one of \(EventCatalog.eventTypes.joined(separator: ", "))"
        )
    }

    private static func byBaseName(_ name: String) -> String? {
        if let type = byLetters[letters(of: name)] { return type }
        let base = name.split { $0 == "\\" || $0 == "." || $0 == "/" }.last.map(String.init) ?? ""
        let word = letters(of: base)
        if let type = byLetters[word] { return type }
        let stems = suffixes.filter { word.hasSuffix($0) }.map { String(word.dropLast($0.count)) }
        return stems.lazy.compactMap { byLetters[$0] }.first
    }

    private static func letters(of name: String) -> String {
        name.lowercased().filter { $0 != "." && $0 != "_" }
    }

    /// PHP writes a class with or without the leading backslash of its global name.
    private static func canonical(_ name: String) -> String {
        name.hasPrefix("\\") ? String(name.dropFirst()) : name
    }
}
