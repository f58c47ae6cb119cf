import DequeModule
import Foundation
import Logging
import Messaging
import Metrics
import Synchronization

/// One subscription's connection, kept alive by a thread of its own.
final class ConsumerLink: Sendable {
    private enum Phase {
        case consuming
        /// No further deliveries; handlers may still settle theirs.
        case draining
        /// Everything that will be settled is.
        case finished
        case aborted
    }

    private struct Settlement {
        var epoch: Int
        var tag: UInt64
        var outcome: PendingDelivery.Outcome
    }

    private struct State {
        var phase = Phase.consuming
        var settlements = Deque<Settlement>()
        var status = BrokerStatus.Connection.connecting(lastError: nil)
        /// Counts the connections: delivery tags are only good on their own.
        var epoch = 0
        var isConnected = false
        var isAsleep = false
    }

    let queue: String
    let deliveries: AsyncStream<PendingDelivery>
    private let subscription: Subscription
    private let configuration: RabbitMQConfiguration
    private let topology: Topology.Declaration
    private let metrics: BrokerMetrics
    private let logger: Logger
    private let continuation: AsyncStream<PendingDelivery>.Continuation
    private let state = Mutex(State())
    private let wakeup = Wakeup()
    private let watch = SocketWatch()
    private let ending = Ending()

    init(
        _ subscription: Subscription,
        configuration: RabbitMQConfiguration,
        topology: Topology.Declaration,
        metrics: BrokerMetrics,
        logger: Logger
    ) {
        self.subscription = subscription
        self.configuration = configuration
        self.topology = topology
        self.metrics = metrics
        var logger = logger
        queue = subscription.queue
        logger[metadataKey: "messaging.queue"] = "\(queue)"
        self.logger = logger
        // The broker sends no more than the prefetch before something is settled.
        (deliveries, continuation) = AsyncStream.makeStream(of: PendingDelivery.self)
    }

    var status: BrokerStatus.Connection { state.withLock(\.status) }

    // MARK: Lifecycle

    func start() {
        Thread.start(named: "amqp-\(queue)".prefix15) { self.work() }
    }

    /// Takes no further deliveries.
    func drain() { advance(to: .draining) }

    /// Closes the connection, once every handler has settled, and waits for its end.
    func finish() async throws(MessagingError) {
        advance(to: .finished)
        try await ending.wait()
    }

    /// Ends the connection now; unsettled deliveries come again.
    func abort() {
        advance(to: .aborted)
        watch.interrupt()
    }

    private func advance(to phase: Phase) {
        state.withLock { state in
            switch (state.phase, phase) {
            case (_, .aborted), (.consuming, _), (.draining, .finished): state.phase = phase
            default: break
            }
            state.isAsleep = false
        }
        wakeup.signal()
    }

    /// Called now and then from outside the thread, which may hang.
    func tick() {
        watch.interruptIfStuck(longerThan: configuration.sendTimeout)
    }

    private func settle(_ settlement: Settlement) {
        let wakes = state.withLock { state in
            guard state.isConnected, state.epoch == settlement.epoch else { return false }
            state.settlements.append(settlement)
            defer { state.isAsleep = false }
            return state.isAsleep
        }
        if wakes { wakeup.signal() }
    }

    // MARK: The thread

    private func work() {
        var backoff = Backoff(configuration.backoff)
        while state.withLock(\.phase) == .consuming {
            do throws(ConnectionFailure) {
                let connection = try open()
                backoff.reset()
                try serve(connection)
            } catch {
                lost(error)
                if error.isPermanent { return end(error.error) }
                pause(backoff.next())
            }
        }
        end(nil)
    }

    private func open() throws(ConnectionFailure) -> AMQPConnection {
        let name = "\(configuration.connectionName) consumer of \(queue)"
        let connection = try AMQPConnection(configuration, name: name, watch: watch)
        try connection.declare(topology)
        if case .exclusive(let name, let bindings) = subscription.source {
            try connection.declareExclusive(name, bindings: bindings)
        }
        try connection.consume(queue, tag: configuration.connectionName, prefetch: subscription.prefetch)
        state.withLock { state in
            state.status = .connected
            state.isConnected = true
            state.epoch += 1
        }
        logger.notice("consumer connected", metadata: ["broker": "\(configuration.address.redacted)"])
        return connection
    }

    /// Works until the consumer has finished, then closes.
    private func serve(_ connection: AMQPConnection) throws(ConnectionFailure) {
        var session = ConsumerSession(connection, queue: queue)
        defer { session.forget() }
        while true {
            try perform(&session)
            let phase = state.withLock(\.phase)
            if phase == .draining || phase == .finished, try session.cancel(tag: configuration.connectionName) {
                try receive(&session)
                continuation.finish()
            }
            try receive(&session)
            connection.releaseBuffers()
            if phase == .aborted { return }
            if phase == .finished { return try finish(&session) }
            sleep(connection)
        }
    }

    private func sleep(_ connection: AMQPConnection) {
        let phase = state.withLock(\.phase)
        let sleeps = state.withLock { state in
            // Whoever changes either wakes us from now on.
            state.isAsleep = state.settlements.isEmpty && state.phase == phase
            return state.isAsleep
        }
        if sleeps { wakeup.wait(alongside: connection.socket, atMost: connection.longestSilence) }
    }

    private func perform(_ session: inout ConsumerSession) throws(ConnectionFailure) {
        let settlements = state.withLock { state in
            defer { state.settlements.removeAll(keepingCapacity: true) }
            return state.settlements
        }
        for settlement in settlements {
            try session.settle(settlement.tag, settlement.outcome)
        }
    }

    private func receive(_ session: inout ConsumerSession) throws(ConnectionFailure) {
        while let signal = try session.nextSignal() {
            switch signal {
            case .delivered(let delivered): deliver(delivered)
            case .consumerCancelled: throw ConnectionFailure(.unavailable, "the broker cancelled the consumer")
            case .blocked, .unblocked, .confirmed, .refused, .returned: break
            }
        }
    }

    private func deliver(_ delivered: BrokerSignal.Delivered) {
        let epoch = state.withLock(\.epoch)
        let delivery = Delivery(
            message: delivered.message,
            source: delivered.source,
            queue: queue,
            redelivered: delivered.redelivered
        )
        continuation.yield(
            PendingDelivery(
                delivery: delivery,
                isExclusive: subscription.isExclusive,
                isCurrent: { self.state.withLock { $0.isConnected && $0.epoch == epoch } },
                finish: { self.settle(Settlement(epoch: epoch, tag: delivered.tag, outcome: $0)) }
            )
        )
    }

    /// Gives back what no handler saw, waits for the acknowledgements to sink in, and closes.
    private func finish(_ session: inout ConsumerSession) throws(ConnectionFailure) {
        try perform(&session)
        try session.requeueUnsettled()
        let end = ContinuousClock.now + configuration.settleGrace
        while ContinuousClock.now < end, state.withLock(\.phase) != .aborted {
            wakeup.wait(atMost: end - .now)
        }
        session.close()
    }

    private func lost(_ failure: ConnectionFailure) {
        let (wasConnected, phase) = state.withLock { state in
            defer {
                state.isConnected = false
                state.settlements.removeAll()
                state.status = .connecting(lastError: failure.error.message)
            }
            return (state.isConnected, state.phase)
        }
        guard phase == .consuming else { return }
        metrics.reconnects.increment()
        logger.warning(
            wasConnected ? "consumer lost its connection" : "consumer cannot connect",
            metadata: ["error": "\(failure.error.message)"]
        )
    }

    private func pause(_ duration: Duration) {
        let end = ContinuousClock.now + duration
        while state.withLock(\.phase) == .consuming, ContinuousClock.now < end { wakeup.wait(atMost: end - .now) }
    }

    private func end(_ error: MessagingError?) {
        state.withLock { state in
            state.status = .closed
            state.isConnected = false
        }
        continuation.finish()
        ending.end(error)
    }
}

extension Subscription {
    /// The queue's name, shared or not.
    var queue: String {
        switch source {
        case .queue(let name): name
        case .exclusive(let name, _): name
        }
    }

    var isExclusive: Bool {
        if case .exclusive = source { true } else { false }
    }
}

extension String {
    /// The longest name that Linux keeps for a thread.
    fileprivate var prefix15: String { String(prefix(15)) }
}
