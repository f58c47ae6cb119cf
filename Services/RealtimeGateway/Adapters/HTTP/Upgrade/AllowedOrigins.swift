import Foundation

/// Which web pages may open a WebSocket here.
///
/// Only browsers send an origin; programs, which do not, are not stopped by this and need a token all the same.
package enum AllowedOrigins: Sendable, Hashable {
    case any
    /// Exact origins: `https://www.example.com`.
    case only(Set<String>)

    /// Reads `*`, or origins separated by commas.
    package init(_ text: String) {
        let origins = text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
        self = origins.contains("*") ? .any : .only(Set(origins.map { $0.lowercased() }))
    }

    package func allow(_ origin: String?) -> Bool {
        switch self {
        case .any: true
        case .only(let origins): origin.map { origins.contains($0.lowercased()) } ?? true
        }
    }
}
