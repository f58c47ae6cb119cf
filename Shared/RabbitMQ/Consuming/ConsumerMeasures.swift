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

    func delivered(_ delivery: Delivery, now: Timestamp = .now) {
        deliveries.increment()
        if delivery.redelivered { redeliveries.increment() }
        let age = delivery.age(at: now)
        backlog.withLock { backlog in
            backlog.last = .now
            backlog.isShown = backlog.isShown || age != nil
        }
        if let age { backlogAge.record(age.seconds) }
    }

    func unsettled(_ unsettled: Int) {
        count.store(unsettled, ordering: .relaxed)
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
