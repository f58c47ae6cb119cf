import Metrics
import Synchronization

/// How many jobs were open when somebody last looked.
final class JobBacklog: Sendable {
    private let count = Atomic<Int>(0)
    private let gauge = Gauge(label: "media_jobs_pending")

    var pending: Int { count.load(ordering: .relaxed) }

    func note(_ pending: Int) {
        count.store(pending, ordering: .relaxed)
        gauge.record(pending)
    }
}
