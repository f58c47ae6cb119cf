/// What is left of a limit: a bucket that holds as many tokens as the limit allows and is filled evenly over its interval,
/// so that a burst up to the limit is fine and the rate over time is kept.
package struct TokenBucket: Sendable {
    private let capacity: Double
    private let pace: Duration
    private var tokens: Double
    private var filledAt: ContinuousClock.Instant

    /// - Parameter limit: Of at least one.
    package init(_ limit: RateLimit, now: ContinuousClock.Instant) {
        capacity = Double(limit.count)
        pace = limit.interval / limit.count
        tokens = capacity
        filledAt = now
    }

    /// How long it is until there is a token; `nil` if there is one.
    package mutating func wait(at now: ContinuousClock.Instant) -> Duration? {
        tokens = min(capacity, tokens + (now - filledAt) / pace)
        filledAt = now
        return tokens >= 1 ? nil : pace * (1 - tokens)
    }

    /// Takes a token, of which there has to be one.
    package mutating func take() { tokens -= 1 }
}
