import Synchronization

/// Counts what each key does and tells who has done too much.
///
/// Each key has a ``TokenBucket``. The keys that were seen last are remembered; who is forgotten begins with a full one.
package final class RateLimiter<Key: Hashable & Sendable>: Sendable {
    private let limit: RateLimit
    private let buckets: Mutex<RecentValues<Key, TokenBucket>>

    /// - Parameter capacity: Keys that are remembered.
    package init(_ limit: RateLimit, capacity: Int = 100_000) {
        self.limit = limit
        buckets = Mutex(RecentValues(capacity: capacity))
    }

    /// Takes one token; returns how long `key` has to wait if it has none left.
    package func take(_ key: Key, now: ContinuousClock.Instant = .now) -> Duration? {
        guard limit.count > 0 else { return nil }
        return buckets.withLock { buckets in
            var bucket = buckets[key] ?? TokenBucket(limit, now: now)
            let wait = bucket.wait(at: now)
            if wait == nil { bucket.take() }
            buckets.set(key, bucket)
            return wait
        }
    }

    /// How long `key` has to wait for a token; `nil` if there is one, which stays.
    package func wait(_ key: Key, now: ContinuousClock.Instant = .now) -> Duration? {
        guard limit.count > 0 else { return nil }
        return buckets.withLock { buckets in
            guard var bucket = buckets[key] else { return nil }
            return bucket.wait(at: now)
        }
    }
}
