import CoreMetrics
import Synchronization

/// One counter of requests for each method and status that have been seen.
final class RequestCounters: Sendable {
    /// Methods that are named; clients may make up any others.
    private static let methods: Set<String> = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]

    private let counters = Mutex<[String: Counter]>([:])
    private let factory: any MetricsFactory

    init(factory: any MetricsFactory = MetricsSystem.factory) {
        self.factory = factory
    }

    func count(_ method: String, _ status: Int) {
        let method = Self.methods.contains(method) ? method : "other"
        counters.withLock { counters in
            let key = "\(method) \(status)"
            if let known = counters[key] { return known }
            let dimensions = [("method", method), ("status", "\(status)")]
            let made = Counter(label: "http_requests", dimensions: dimensions, factory: factory)
            counters[key] = made
            return made
        }.increment()
    }
}
