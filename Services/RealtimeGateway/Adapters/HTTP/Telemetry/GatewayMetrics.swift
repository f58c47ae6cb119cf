package import CoreMetrics
import Synchronization

/// What the gateway counts; created after the metrics system is bootstrapped.
package final class GatewayMetrics: Sendable {
    private let published: Counter
    private let framesReceived: Counter
    private let bytesReceived: Counter
    private let violations: Counter
    private let slowConsumers: Counter
    private let idleTimeouts: Counter
    private let connections: Gauge
    private let opened: Counter
    private let deliveries = Mutex<[Substring: DeliveryCounters]>([:])
    private let requests: RequestCounters
    private let factory: any MetricsFactory
    private let openCount = Atomic<Int>(0)
    private let openedCount = Atomic<Int>(0)
    private let rate = EventRate()

    /// Counts with `factory`, by default the one the process was bootstrapped with.
    package init(factory: any MetricsFactory = MetricsSystem.factory) {
        func counter(_ label: String, _ dimensions: [(String, String)] = []) -> Counter {
            Counter(label: label, dimensions: dimensions, factory: factory)
        }
        self.factory = factory
        requests = RequestCounters(factory: factory)
        published = counter("realtime_events_published")
        framesReceived = counter("realtime_frames_received")
        bytesReceived = counter("realtime_bytes_received")
        violations = counter("realtime_protocol_violations")
        slowConsumers = counter("realtime_slow_consumers_closed")
        idleTimeouts = counter("realtime_idle_timeouts")
        connections = Gauge(label: "websocket_connections_active", factory: factory)
        opened = counter("websocket_connections")
    }

    // MARK: Connections

    /// Connections that are open now.
    package var connectionCount: Int { openCount.load(ordering: .relaxed) }

    /// Connections that were opened since the start.
    package var totalConnectionCount: Int { openedCount.load(ordering: .relaxed) }

    func connectionOpened() {
        opened.increment()
        openedCount.add(1, ordering: .relaxed)
        connections.record(openCount.add(1, ordering: .relaxed).newValue)
    }

    func connectionClosed() {
        connections.record(openCount.subtract(1, ordering: .relaxed).newValue)
    }

    /// Counts a WebSocket that was refused, by its HTTP status.
    func upgradeRefused(_ status: UInt) {
        Counter(label: "realtime_upgrades_refused", dimensions: [("status", "\(status)")], factory: factory).increment()
    }

    /// Counts a client that was not let in, by a reason of a short list that the client is not told.
    package func connectRefused(_ reason: String) {
        Counter(label: "realtime_connects_refused", dimensions: [("reason", reason)], factory: factory).increment()
    }

    /// Counts a request that was answered without the router.
    func requestAnswered(_ method: String, _ status: Int) { requests.count(method, status) }

    func slowConsumerClosed() { slowConsumers.increment() }

    func idleTimedOut() { idleTimeouts.increment() }

    func protocolViolated() { violations.increment() }

    // MARK: Traffic

    func received(bytes: Int) {
        framesReceived.increment()
        bytesReceived.increment(by: bytes)
    }

    /// Counts an event handed to the hub.
    func eventPublished() {
        published.increment()
        rate.count(at: .now)
    }

    /// Events handed to the hub within the last minute.
    package var eventsPerMinute: Int { rate.perMinute(at: .now) }

    /// What became of the events of each kind of topics, by the word with which their names begin.
    var deliveryTotals: [String: DeliveryCounters.Totals] {
        deliveries.withLock { deliveries in
            Dictionary(uniqueKeysWithValues: deliveries.map { (String($0), $1.totals) })
        }
    }

    /// The counters for `topic` and its like: topics that begin with the same word.
    func deliveries(of topic: String) -> DeliveryCounters {
        let kind = topic.prefix { $0 != ":" }
        return deliveries.withLock { deliveries in
            if let known = deliveries[kind] { return known }
            let made = DeliveryCounters(topics: String(kind), factory: factory)
            deliveries[Substring(String(kind))] = made
            return made
        }
    }
}
