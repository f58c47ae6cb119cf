import Foundation

/// A setting that a service reads: its name in the environment and in files, its type, its default and its meaning.
///
///     static let rooms = ConfigurationKey("MAX_ROOMS", .integer(in: 1...1_000_000), default: 1000, "Rooms per node.")
///     configuration[rooms]  // Int
package struct ConfigurationKey<Value: Sendable>: Sendable {
    /// What help, validation and redaction need to know of it.
    package let declaration: KeyDeclaration
    /// What it is where nobody sets it.
    package let fallback: Value

    /// A key with a default.
    package init(
        _ name: String,
        _ type: ConfigurationType<Value>,
        unit: String? = nil,
        default fallback: Value,
        secret: Bool = false,
        _ summary: String
    ) {
        self.fallback = fallback
        declaration = KeyDeclaration(
            name: name,
            typeName: type.name,
            expectation: type.expectation,
            unit: unit,
            presence: .defaulted(type.text(of: fallback)),
            isSecret: secret,
            summary: summary,
            read: { type.value(of: $0) }
        )
    }

    /// A key that may be left out.
    package init<Wrapped: Sendable>(
        optional name: String,
        _ type: ConfigurationType<Wrapped>,
        unit: String? = nil,
        secret: Bool = false,
        _ summary: String
    ) where Value == Wrapped? {
        fallback = nil
        declaration = KeyDeclaration(
            name: name,
            typeName: type.name,
            expectation: type.expectation,
            unit: unit,
            presence: .optional,
            isSecret: secret,
            summary: summary,
            read: { text in type.value(of: text).map { Value.some($0) } }
        )
    }
}

/// What is known of a key without its value's type.
package struct KeyDeclaration: Sendable {
    package enum Presence: Sendable, Hashable {
        case optional
        /// The default, as one would write it.
        case defaulted(String)
    }

    package let name: String
    package let typeName: String
    package let expectation: String
    package let unit: String?
    package let presence: Presence
    /// Whether its value is kept out of every output, and may also be given as a file by `NAME_FILE`.
    package let isSecret: Bool
    package let summary: String
    let read: @Sendable (String) -> (any Sendable)?

    /// The names under which it may be set.
    package var spellings: [String] { isSecret ? [name, fileName] : [name] }

    /// The key that names a file with the value, for secrets that an orchestrator mounts.
    package var fileName: String { name + "_FILE" }

    /// Its value as it may be shown.
    func shown(_ text: String) -> String {
        guard isSecret else { return text }
        return Redaction.redact(text)
    }
}

/// Hides what is secret in a value.
package enum Redaction {
    /// The URL without its password, or `***`.
    package static func redact(_ text: String) -> String {
        guard let scheme = text.range(of: "://"), let at = text.lastIndex(of: "@"), scheme.upperBound <= at else {
            return "***"
        }
        let user = text[scheme.upperBound..<at].prefix { $0 != ":" }
        return "\(text[..<scheme.upperBound])\(user):***\(text[at...])"
    }
}
