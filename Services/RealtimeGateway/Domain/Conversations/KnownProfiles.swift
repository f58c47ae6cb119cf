import Synchronization

/// Which profiles the store has, as far as this node knows, so that it is not told the same with every message.
final class KnownProfiles: Sendable {
    private let known = Mutex(RecentValues<String, Profile>(capacity: 10_000))

    /// Those of `profiles` that the store may not have, each once.
    func changes(_ profiles: [Profile]) -> [Profile] {
        known.withLock { known in
            var changes: [String: Profile] = [:]
            for profile in profiles where known[profile.userID] != profile { changes[profile.userID] = profile }
            return Array(changes.values)
        }
    }

    /// The store has them.
    func note(_ profiles: [Profile]) {
        known.withLock { known in
            for profile in profiles { known.set(profile.userID, profile) }
        }
    }
}
