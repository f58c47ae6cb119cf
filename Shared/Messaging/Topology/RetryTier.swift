/// A waiting room of fixed length: what is published to its exchange under a queue's name comes to that queue later.
///
/// One time to live per queue, never per message, so that nothing waits behind a message with a longer time.
package struct RetryTier: Sendable, Hashable {
    /// The length as the topology spells it: `30s`.
    package let name: String
    package let delay: Duration

    package init(name: String, delay: Duration) {
        self.name = name
        self.delay = delay
    }

    /// The exchange to publish to, and the queue behind it.
    package var exchange: String { "retry.\(name)" }

    /// The tiers of the suite, shortest first.
    package static let all = [
        RetryTier(name: "5s", delay: .seconds(5)),
        RetryTier(name: "30s", delay: .seconds(30)),
        RetryTier(name: "5m", delay: .seconds(300)),
        RetryTier(name: "30m", delay: .seconds(1800)),
        RetryTier(name: "2h", delay: .seconds(7200)),
        RetryTier(name: "12h", delay: .seconds(43200)),
    ]

    /// The shortest tier that lasts at least `delay`; the longest for anything beyond.
    package static func covering(_ delay: Duration, of tiers: [RetryTier] = all) -> RetryTier {
        tiers.first { $0.delay >= delay } ?? tiers[tiers.count - 1]
    }

    /// How long to wait after a failed attempt, counted from 1, where nothing better is known: each tier once, then the
    /// longest again.
    package static func delay(afterAttempt attempt: Int) -> Duration {
        all[min(max(attempt, 1), all.count) - 1].delay
    }
}
