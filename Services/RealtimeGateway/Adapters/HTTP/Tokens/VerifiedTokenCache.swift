import Crypto
import EventSchema
import RealtimeDomain

/// Remembers whose a token is by the token's SHA-256, so that a herd of reconnecting clients costs no signature checks.
///
/// Bounded: entries live in two generations of half the capacity each, and when the younger is full, the older is
/// forgotten. What is in use moves to the younger one. Only good tokens get in, so a stranger cannot flush it.
/// A herd that comes back in the order in which it came finds itself forgotten if it is larger than a generation.
struct VerifiedTokenCache {
    /// The hash of a token; the token itself is not kept.
    struct Key: Hashable {
        private let digest: SHA256Digest

        init(_ token: String) {
            digest = SHA256.hash(data: Array(token.utf8))
        }
    }

    private let generationCapacity: Int
    private var younger: [Key: Identity] = [:]
    private var older: [Key: Identity] = [:]

    /// Makes a cache for about `capacity` tokens; 0 remembers nothing.
    init(capacity: Int) {
        generationCapacity = capacity / 2
    }

    /// The identity, unless the token has expired at `now`.
    mutating func identity(for key: Key, at now: Timestamp) -> Identity? {
        let isYoung = younger[key] != nil
        guard let identity = younger[key] ?? older[key] else { return nil }
        guard identity.expiresAt.map({ now < $0 }) ?? true else {
            younger[key] = nil
            older[key] = nil
            return nil
        }
        if !isYoung { insert(identity, for: key) }
        return identity
    }

    mutating func insert(_ identity: Identity, for key: Key) {
        guard generationCapacity > 0 else { return }
        if younger.count >= generationCapacity {
            older = younger
            younger = [:]
        }
        younger[key] = identity
    }

    var count: Int { younger.count + older.count }
}
