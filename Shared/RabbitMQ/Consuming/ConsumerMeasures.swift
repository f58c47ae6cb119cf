import EventSchema
import Messaging
import Metrics
import Synchronization

/// What a consumer measures, over all its connections.
final class ConsumerMeasures: Sendable {
    /// After this long without a delivery, a consumer with room has seen the end of its queue.
    private static let silence = Duration.seconds(1)

    private struct Backlog {
        var last = ContinuousClock.now
        var isShown = false
    }

    private let deliveries: Counter
    private let redeliveries: Counter
    private let inFlight: Gauge
    private let backlogAge: Gauge
    private let backlog = Mutex(Backlog())
    private let count = Atomic<Int>(0)

    init(queue: String, metrics: BrokerMetrics) {
        deliveries = metrics.deliveries(of: queue)
        redeliveries = metrics.redeliveries(of: queue)
        inFlight = metrics.unsettled(of: queue)
        backlogAge = metrics.backlogAge(of: queue)
    }

    /// Deliveries that are with handlers, or wait for one.
    var unsettledCount: Int { count.load(ordering: .relaxed) }

    /// Notes what came together, in the order in which it came; the first has waited longest.
    func delivered(_ batch: [Delivery], now: Timestamp = .now) {
        guard !batch.isEmpty else { return }
        deliveries.increment(by: batch.count)
        let again = batch.count { $0.redelivered }
        if again > 0 { redeliveries.increment(by: again) }
        let age = batch.lazy.compactMap { $0.age(at: now) }.first
        backlog.withLock { backlog in
            backlog.last = .now
            backlog.isShown = backlog.isShown || age != nil
        }
        if let age { backlogAge.record(age.seconds) }
    }

    func unsettled(_ unsettled: Int) {
        guard count.exchange(unsettled, ordering: .relaxed) != unsettled else { return }
        inFlight.record(unsettled)
    }

    /// Called now and then: takes back the age of a backlog that is no more.
    func rest(hasRoom: Bool, now: ContinuousClock.Instant = .now) {
        guard hasRoom else { return }
        let isOver = backlog.withLock { backlog in
            guard backlog.isShown, now - backlog.last >= Self.silence else { return false }
            backlog.isShown = false
            return true
        }
        if isOver { backlogAge.record(0) }
    }
}
