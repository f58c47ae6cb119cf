package import EventSchema

/// Counts what happened within the last minute, to the second.
package struct SlidingCount: Sendable {
    private static let seconds = 60

    private var buckets = Array(repeating: 0, count: seconds)
    /// The second up to which the buckets are current.
    private var current: Int64 = 0

    package init() {}

    package mutating func add(at now: Timestamp) {
        advance(to: now)
        buckets[Int(current % Int64(Self.seconds))] += 1
    }

    package mutating func perMinute(at now: Timestamp) -> Int {
        advance(to: now)
        return buckets.reduce(0, +)
    }

    private mutating func advance(to now: Timestamp) {
        let second = max(now.milliseconds / 1000, current)
        let passed = min(second - current, Int64(Self.seconds))
        for offset in 0..<passed { buckets[Int((second - offset) % Int64(Self.seconds))] = 0 }
        current = second
    }
}
