import Crypto
import Foundation

/// What one polling session is known by on its node.
package struct PollingSessionID: Hashable, Sendable {
    private let high: UInt64
    private let low: UInt64

    /// 128 random bits of the system: nobody guesses another's.
    package static func random() -> PollingSessionID {
        var generator = SystemRandomNumberGenerator()
        return PollingSessionID(high: generator.next(), low: generator.next())
    }

    private init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    init?(_ bytes: [UInt8]) {
        guard bytes.count == 16 else { return nil }
        func word(_ half: ArraySlice<UInt8>) -> UInt64 { half.reduce(0) { $0 << 8 | UInt64($1) } }
        self.init(high: word(bytes[..<8]), low: word(bytes[8...]))
    }

    var bytes: [UInt8] {
        [high, low].flatMap { word in (0..<8).reversed().map { UInt8(truncatingIfNeeded: word >> (UInt64($0) * 8)) } }
    }
}

/// Makes and reads the tokens by which clients continue their sessions: `MARK.NODE.ID.HMAC`, in base64url.
///
/// The key lives as long as the process, as the sessions do; the node's name is there for all to read, so that another node
/// knows whom a request is for.
package struct PollingTokens: Sendable {
    /// Bytes of the longest token that is looked at.
    private static let maximumLength = 1024

    private let key = SymmetricKey(size: .bits256)
    private let node: String
    private let mark: String

    /// - Parameter mark: What the tokens of one protocol begin with: Phoenix's long-poll by default.
    package init(node: String, mark: String = "lp1") {
        self.mark = mark
        self.node = Base64URL.encode(Array(node.utf8.prefix(256)))
    }

    package func token(for id: PollingSessionID) -> String {
        let text = "\(mark).\(node).\(Base64URL.encode(id.bytes))"
        let code = HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: key)
        return "\(text).\(Base64URL.encode(Array(code)))"
    }

    /// The session that a token of this node names; `nil` for any other text.
    package func id(in token: String) -> PollingSessionID? {
        guard token.utf8.count <= Self.maximumLength, let end = token.lastIndex(of: ".") else { return nil }
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4, let code = Base64URL.decode(parts[3].utf8),
            HMAC<SHA256>.isValidAuthenticationCode(code, authenticating: Array(token[..<end].utf8), using: key)
        else { return nil }
        return Base64URL.decode(parts[2].utf8).flatMap(PollingSessionID.init)
    }

    /// Whether a text looks like a token of any node, and so is no user's.
    static func isToken(_ text: String) -> Bool { text.hasPrefix("lp1.") }

    /// The node whose session a token names, whether or not it is real; `nil` for any other text.
    package static func node(in token: String) -> String? {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard token.utf8.count <= maximumLength, parts.count == 4 else { return nil }
        return Base64URL.decode(parts[1].utf8).flatMap { String(validating: $0, as: UTF8.self) }
    }
}
