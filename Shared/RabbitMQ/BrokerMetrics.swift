import CoreMetrics
import Messaging
import Metrics

/// What a broker counts.
struct BrokerMetrics: Sendable {
    let published = Counter(label: "messaging_published_total")
    let confirmed = Counter(label: "messaging_confirmed_total")
    let returned = Counter(label: "messaging_returned_total")
    let refused = Counter(label: "messaging_nacked_total")
    let dropped = Counter(label: "messaging_best_effort_dropped_total")
    let confirmLatency = Timer(label: "messaging_confirm_seconds", preferredDisplayUnit: .seconds)
    let inFlight = Gauge(label: "messaging_publishes_in_flight")
    let blocked = FloatingPointCounter(label: "messaging_blocked_seconds_total")
    let reconnects = Counter(label: "messaging_reconnects_total")

    /// The factory of whoever made the broker: sessions begin on threads, which inherit nothing.
    private let factory = MetricsSystem.factory

    func deliveries(of queue: String) -> Counter {
        Counter(label: "messaging_deliveries_total", dimensions: [("queue", queue)], factory: factory)
    }

    func redeliveries(of queue: String) -> Counter {
        Counter(label: "messaging_redeliveries_total", dimensions: [("queue", queue)], factory: factory)
    }

    func unsettled(of queue: String) -> Gauge {
        Gauge(label: "messaging_deliveries_in_flight", dimensions: [("queue", queue)], factory: factory)
    }

    func backlogAge(of queue: String) -> Gauge {
        Gauge(label: "messaging_backlog_age_seconds", dimensions: [("queue", queue)], factory: factory)
    }

    func messages(in queue: String) -> Gauge {
        Gauge(label: "messaging_queue_messages", dimensions: [("queue", queue)], factory: factory)
    }

    func consumers(of queue: String) -> Gauge {
        Gauge(label: "messaging_queue_consumers", dimensions: [("queue", queue)], factory: factory)
    }

    func workPending(in queue: String) -> Gauge {
        Gauge(label: "messaging_work_pending", dimensions: [("queue", queue)], factory: factory)
    }

    func count(_ result: Result<Void, MessagingError>, after latency: Duration) {
        switch result {
        case .success:
            confirmed.increment()
            confirmLatency.recordSeconds(latency.seconds)
        case .failure(let error) where error.code == .unroutable: returned.increment()
        case .failure(let error) where error.code == .rejected: refused.increment()
        case .failure: break
        }
    }
}
