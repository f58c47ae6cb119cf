import Synchronization

/// Bounds how many connections each key has at once: a user, an address.
final class ConnectionQuota: Sendable {
    private let limit: Int
    private let counts = Mutex<[String: Int]>([:])

    /// - Parameter limit: 0 for any number.
    init(limit: Int) {
        self.limit = limit
    }

    /// Takes a place, which is given back with the last reference to it.
    ///
    /// - Returns: `nil` if the key has as many as may be.
    func take(_ key: String) -> Place? {
        let isRoom = counts.withLock { counts in
            guard limit == 0 || counts[key, default: 0] < limit else { return false }
            counts[key, default: 0] += 1
            return true
        }
        return isRoom ? Place(quota: self, key: key) : nil
    }

    private func giveBack(_ key: String) {
        counts.withLock { counts in
            let rest = (counts[key] ?? 0) - 1
            counts[key] = rest > 0 ? rest : nil
        }
    }

    final class Place: Sendable {
        private let quota: ConnectionQuota
        private let key: String

        fileprivate init(quota: ConnectionQuota, key: String) {
            self.quota = quota
            self.key = key
        }

        deinit { quota.giveBack(key) }
    }
}
