import Crypto
import HTTPTypes
package import Hummingbird

/// The key that backends and operators show, in `X-WebSocket-API-Key` or as a bearer token.
package struct APIKey: Sendable {
    /// SHA-256 of the key, so that comparing takes the same time for any guess.
    private let digest: SHA256.Digest?

    /// - Parameter key: Without it every request is refused.
    package init(_ key: String?) {
        digest = key.map { SHA256.hash(data: Array($0.utf8)) }
    }

    /// - Throws: ``ErrorDetail`` with 401, or 503 if there is no key that could be shown.
    package func check(_ request: Request) throws(ErrorDetail) {
        guard let digest else {
            throw ErrorDetail(.serviceUnavailable, "backends are not served over HTTP: API_KEY is not set")
        }
        let bearer = request.headers[.authorization].flatMap { text in
            text.lowercased().hasPrefix("bearer ") ? String(text.dropFirst(7)) : nil
        }
        guard let given = request.headers[.apiKey] ?? bearer else {
            throw ErrorDetail(.unauthorized, "an API key is needed in X-WebSocket-API-Key or Authorization: Bearer")
        }
        guard SHA256.hash(data: Array(given.utf8)) == digest else {
            throw ErrorDetail(.unauthorized, "the API key is not the right one")
        }
    }
}

extension HTTPField.Name {
    fileprivate static var apiKey: Self {
        guard let name = Self("X-WebSocket-API-Key") else { preconditionFailure("no field name") }
        return name
    }
}
