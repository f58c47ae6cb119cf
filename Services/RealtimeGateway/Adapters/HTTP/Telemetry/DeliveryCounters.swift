import CoreMetrics
import Synchronization

/// What became of the events of topics of one kind.
///
/// Nothing gets lost unseen: what was due is what was delivered, what was dropped for each reason, and what still waits for
/// clients that read slowly.
package final class DeliveryCounters: Sendable {
    /// Why an event did not reach a subscriber.
    package enum DropReason: String, CaseIterable, Sendable {
        /// The connection was closing.
        case closing
        /// The client did not read.
        case slowConsumer = "slow_consumer"
        /// The client's protocol cannot carry it.
        case unsupported
        /// The client has been sent it already, as something that it had missed.
        case recovered
    }

    /// What has been counted so far.
    struct Totals: Sendable, Hashable {
        var due = 0
        var delivered = 0
        var dropped: [DropReason: Int] = [:]

        /// What is neither delivered nor dropped yet, because clients read slowly.
        var waiting: Int { due - delivered - dropped.values.reduce(0, +) }
    }

    private let sums = Mutex(Totals())
    private let encodings: Counter
    private let dueCount: Counter
    private let deliveries: Counter
    private let bytes: Counter
    private let drops: [DropReason: Counter]

    /// - Parameter topics: The kind of topics: `chat`, `user`.
    init(topics: String, factory: any MetricsFactory) {
        func counter(_ label: String, _ more: [(String, String)] = []) -> Counter {
            Counter(label: label, dimensions: [("topics", topics)] + more, factory: factory)
        }
        encodings = counter("realtime_encodings")
        dueCount = counter("realtime_deliveries_due")
        deliveries = counter("realtime_deliveries")
        bytes = counter("realtime_delivered_bytes")
        drops = Dictionary(
            uniqueKeysWithValues: DropReason.allCases.map {
                ($0, counter("realtime_dropped", [("reason", $0.rawValue)]))
            }
        )
    }

    /// An event was spelled for one wire protocol, for however many subscribers.
    func encoded() { encodings.increment() }

    /// An event was published that has `count` subscribers.
    func due(_ count: Int) {
        dueCount.increment(by: count)
        sums.withLock { $0.due += count }
    }

    /// One frame was written for each of `count` subscribers.
    func delivered(_ count: Int, bytes size: Int) {
        guard count > 0 else { return }
        deliveries.increment(by: count)
        bytes.increment(by: count * size)
        sums.withLock { $0.delivered += count }
    }

    func dropped(_ count: Int, _ reason: DropReason) {
        guard count > 0 else { return }
        drops[reason]?.increment(by: count)
        sums.withLock { $0.dropped[reason, default: 0] += count }
    }

    var totals: Totals { sums.withLock { $0 } }
}
