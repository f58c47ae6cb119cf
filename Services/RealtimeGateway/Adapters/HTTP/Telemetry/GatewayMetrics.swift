import CoreMetrics
import Synchronization

/// What the gateway counts; created after the metrics system is bootstrapped.
package final class GatewayMetrics: Sendable {
    /// Why a frame did not reach a subscriber.
    package enum DropReason: String, CaseIterable, Sendable {
        /// The connection was closing.
        case closing
        /// The client did not read.
        case slowConsumer = "slow_consumer"
        /// The client's protocol cannot carry it.
        case unsupported
    }

    private let published = Counter(label: "realtime_events_published")
    private let framesReceived = Counter(label: "realtime_frames_received")
    private let bytesReceived = Counter(label: "realtime_bytes_received")
    private let violations = Counter(label: "realtime_protocol_violations")
    private let slowConsumers = Counter(label: "realtime_slow_consumers_closed")
    private let idleTimeouts = Counter(label: "realtime_idle_timeouts")
    private let deliveries = Counter(label: "realtime_deliveries")
    private let bytesDelivered = Counter(label: "realtime_delivered_bytes")
    private let drops: [DropReason: Counter]
    private let connections = Gauge(label: "realtime_connections")
    private let openCount = Atomic<Int>(0)

    package init() {
        drops = Dictionary(
            uniqueKeysWithValues: DropReason.allCases.map {
                ($0, Counter(label: "realtime_dropped", dimensions: [("reason", $0.rawValue)]))
            }
        )
    }

    // MARK: Connections

    /// Connections that are open now.
    package var connectionCount: Int { openCount.load(ordering: .relaxed) }

    func connectionOpened() {
        connections.record(openCount.add(1, ordering: .relaxed).newValue)
    }

    func connectionClosed() {
        connections.record(openCount.subtract(1, ordering: .relaxed).newValue)
    }

    /// Counts a WebSocket that was refused, by its HTTP status.
    func upgradeRefused(_ status: UInt) {
        Counter(label: "realtime_upgrades_refused", dimensions: [("status", "\(status)")]).increment()
    }

    func slowConsumerClosed() { slowConsumers.increment() }

    func idleTimedOut() { idleTimeouts.increment() }

    func protocolViolated() { violations.increment() }

    // MARK: Traffic

    func received(bytes: Int) {
        framesReceived.increment()
        bytesReceived.increment(by: bytes)
    }

    /// Counts an event handed to the hub.
    func eventPublished() { published.increment() }

    /// Counts one frame written for each of `count` subscribers.
    func delivered(_ count: Int, bytes: Int) {
        deliveries.increment(by: count)
        bytesDelivered.increment(by: count * bytes)
    }

    func dropped(_ count: Int, _ reason: DropReason) {
        guard count > 0 else { return }
        drops[reason]?.increment(by: count)
    }
}
