package import RealtimeDomain

/// Takes tokens of two kinds: those that say themselves whose they are, and those that only their backend knows.
///
/// What looks like a JSON Web Token is checked here first; if no key of ours made it, the backend is asked all the same.
package struct SignedOrOpaqueTokens: TokenVerifier {
    private let signed: any TokenVerifier
    private let opaque: any TokenVerifier

    package init(signed: any TokenVerifier, opaque: any TokenVerifier) {
        self.signed = signed
        self.opaque = opaque
    }

    package func verify(_ token: String) async throws(TokenError) -> Identity {
        guard Self.looksSigned(token) else { return try await opaque.verify(token) }
        do throws(TokenError) {
            return try await signed.verify(token)
        } catch .badSignature, .malformed {
            return try await opaque.verify(token)
        }
    }

    /// Whether it has three parts in base64url, as RFC 7515 section 7.1 spells it.
    private static func looksSigned(_ token: String) -> Bool {
        let parts = token.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return parts.count == 3 && parts.allSatisfy { !$0.isEmpty && $0.allSatisfy(isBase64URL) }
    }

    private static func isBase64URL(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
