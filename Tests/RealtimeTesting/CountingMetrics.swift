package import CoreMetrics
import Synchronization

/// Metrics that a test can read: counters by their label, and by their label and last dimension.
package final class CountingMetrics: MetricsFactory {
    private final class Total: CounterHandler {
        let value = Atomic<Int64>(0)

        func increment(by amount: Int64) { value.add(amount, ordering: .relaxed) }
        func reset() { value.store(0, ordering: .relaxed) }
    }

    private let totals = Mutex<[String: Total]>([:])

    package init() {}

    /// What was counted under `name`, `label` or `label.dimension`.
    package subscript(name: String) -> Int64 {
        totals.withLock { $0[name]?.value.load(ordering: .relaxed) ?? 0 }
    }

    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        let name = ([label] + dimensions.map(\.1)).joined(separator: ".")
        return totals.withLock { totals in
            let total = totals[name] ?? Total()
            totals[name] = total
            return total
        }
    }

    package func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        NOOPMetricsHandler.instance
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        NOOPMetricsHandler.instance
    }

    package func destroyCounter(_ handler: any CounterHandler) {}
    package func destroyRecorder(_ handler: any RecorderHandler) {}
    package func destroyTimer(_ handler: any TimerHandler) {}
}
