import Crypto
import Foundation

/// Signs webhooks after the Standard Webhooks specification, version 1.
package struct WebhookSigner: Sendable {
    private let keys: [SymmetricKey]

    /// The bytes that a key may have by the specification.
    private static let keyLengths = 24...64

    /// Reads one secret or several between blanks: while a secret is being changed both sign.
    ///
    /// A secret is base64, usually with `whsec_` before it, of 24 to 64 bytes; `nil` if one of them is not.
    package init?(secrets: String) {
        var keys: [SymmetricKey] = []
        for secret in secrets.split(whereSeparator: \.isWhitespace) {
            let encoded = secret.hasPrefix("whsec_") ? secret.dropFirst(6) : secret
            guard let bytes = Data(base64Encoded: String(encoded)), Self.keyLengths.contains(bytes.count) else {
                return nil
            }
            keys.append(SymmetricKey(data: bytes))
        }
        guard !keys.isEmpty else { return nil }
        self.keys = keys
    }

    /// The value of `webhook-signature`: `v1,` and the base64 HMAC-SHA256 of `id.timestamp.body`, one for each secret.
    package func signature(id: String, timestamp: Int64, body: [UInt8]) -> String {
        let signed = Data("\(id).\(timestamp).".utf8) + body
        return
            keys
            .map { "v1," + Data(HMAC<SHA256>.authenticationCode(for: signed, using: $0)).base64EncodedString() }
            .joined(separator: " ")
    }
}
