import Crypto

/// The SHA-256 of a token, by which it is remembered; the token itself is not kept.
struct TokenDigest: Hashable, Sendable {
    private let digest: SHA256Digest

    init(_ token: String) {
        digest = SHA256.hash(data: Array(token.utf8))
    }
}
