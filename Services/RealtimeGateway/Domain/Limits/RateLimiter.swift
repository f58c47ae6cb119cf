import Synchronization

/// Counts what each key does and tells who has done too much.
///
/// Each key has a bucket that holds as many tokens as the limit allows and is filled evenly over its interval, so that a
/// burst up to the limit is fine and the rate over time is kept. The keys that were seen last are remembered; who is
/// forgotten begins with a full bucket.
package final class RateLimiter<Key: Hashable & Sendable>: Sendable {
    private struct Bucket {
        var tokens: Double
        var filledAt: ContinuousClock.Instant
    }

    private let limit: RateLimit
    private let buckets: Mutex<RecentValues<Key, Bucket>>

    /// - Parameter capacity: Keys that are remembered.
    package init(_ limit: RateLimit, capacity: Int = 100_000) {
        self.limit = limit
        buckets = Mutex(RecentValues(capacity: capacity))
    }

    /// Takes one token; returns how long `key` has to wait if it has none left.
    package func take(_ key: Key, now: ContinuousClock.Instant = .now) -> Duration? {
        guard limit.count > 0 else { return nil }
        let pace = limit.interval / limit.count
        return buckets.withLock { buckets in
            var bucket = buckets[key] ?? Bucket(tokens: Double(limit.count), filledAt: now)
            bucket.tokens = min(Double(limit.count), bucket.tokens + (now - bucket.filledAt) / pace)
            bucket.filledAt = now
            let isAllowed = bucket.tokens >= 1
            if isAllowed { bucket.tokens -= 1 }
            buckets.set(key, bucket)
            return isAllowed ? nil : pace * (1 - bucket.tokens)
        }
    }
}
