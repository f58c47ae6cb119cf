import Foundation

/// Where a database is: `sqlite:///var/lib/martlet/gateway.db`, `sqlite:var/gateway.db`, `postgres://user@host/name`.
package enum DatabaseURL: Sendable, Hashable {
    /// A file; a relative path counts from the working directory.
    case sqlite(path: String)
    /// As libpq reads it: <https://www.postgresql.org/docs/15/libpq-connect.html#LIBPQ-CONNSTRING>.
    case postgres(String)

    /// - Throws: ``DatabaseError`` with `invalid_configuration`; its message never shows a password.
    package init(_ text: String) throws(DatabaseError) {
        if let rest = Self.rest(of: text, after: "sqlite:") {
            let path = rest.hasPrefix("//") ? rest.dropFirst(2) : rest
            // Two slashes and no third would make a host of the first folder.
            guard !path.isEmpty, !rest.hasPrefix("//") || path.hasPrefix("/") else {
                throw DatabaseError(.invalidConfiguration, "\(text): \(Self.expectation)")
            }
            self = .sqlite(path: String(path))
        } else if Self.rest(of: text, after: "postgres://") ?? Self.rest(of: text, after: "postgresql://") != nil {
            self = .postgres(text)
        } else {
            throw DatabaseError(.invalidConfiguration, "expected \(Self.expectation)")
        }
    }

    package static let expectation =
        "sqlite:///absolute/path, sqlite:relative/path or postgres://user:password@host/name"

    /// The address for people: without the password.
    package var redacted: String {
        switch self {
        case .sqlite(let path): return "sqlite:\(path.hasPrefix("/") ? "//" : "")\(path)"
        case .postgres(let text):
            guard let scheme = text.range(of: "://") else { return "postgres://" }
            let rest = text[scheme.upperBound...]
            // As libpq sees it: a user ends with @, before the first slash. Either may be forgotten to be escaped.
            let authority = rest.prefix { $0 != "/" }
            let user = authority.contains("@") ? "\(authority.prefix { $0 != ":" && $0 != "@" })@" : ""
            let place = authority.lastIndex(of: "@").map { rest[rest.index(after: $0)...] } ?? rest
            let shown = place.prefix { $0 != "?" && $0 != "&" }
            return "postgres://\(user)\(shown.contains("@") ? "..." : shown)"
        }
    }

    private static func rest(of text: String, after scheme: String) -> Substring? {
        text.lowercased().hasPrefix(scheme) ? text.dropFirst(scheme.count) : nil
    }
}
