import Metrics

/// What an outbox counts.
struct OutboxMetrics: Sendable {
    private let published = Counter(label: "outbox_published_total")
    private let refused = Counter(label: "outbox_refused_total")
    private let adoptedRows = Counter(label: "outbox_adopted_total")
    private let pending = Gauge(label: "outbox_pending")
    private let oldestAge = Gauge(label: "outbox_oldest_age_seconds")

    func count(_ result: Result<Void, MessagingError>) {
        switch result {
        case .success: published.increment()
        case .failure: refused.increment()
        }
    }

    func adopted(_ rows: Int) { adoptedRows.increment(by: rows) }

    func record(pending count: Int) { pending.record(count) }

    func record(oldestAge seconds: Double) { oldestAge.record(seconds) }
}
