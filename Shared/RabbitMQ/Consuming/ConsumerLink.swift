import Foundation
import Logging
import Messaging
import Metrics

/// One subscription's connection, kept alive by a thread of its own.
final class ConsumerLink: Sendable {
    let queue: String
    let deliveries: AsyncStream<PendingDelivery>
    private let subscription: Subscription
    private let configuration: RabbitMQConfiguration
    private let topology: Topology.Declaration
    private let metrics: BrokerMetrics
    private let logger: Logger
    private let continuation: AsyncStream<PendingDelivery>.Continuation
    private let mailbox = ConsumerMailbox()
    private let watch = SocketWatch()
    private let ending = Ending()
    private let measures: ConsumerMeasures

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
        measures = ConsumerMeasures(queue: subscription.queue, metrics: metrics)
        logger[metadataKey: "messaging.queue"] = "\(queue)"
        self.logger = logger
        // The broker sends no more than the prefetch before something is settled.
        (deliveries, continuation) = AsyncStream.makeStream(of: PendingDelivery.self)
    }

    var status: BrokerStatus.Connection { mailbox.status }

    /// Deliveries that are out and not settled.
    var unsettledCount: Int { measures.unsettledCount }

    // MARK: Lifecycle

    func start() {
        // Linux keeps 15 bytes of a thread's name.
        Thread.start(named: String("amqp-\(queue)".prefix(15))) { self.work() }
    }

    /// Takes no further deliveries.
    func drain() { mailbox.advance(to: .draining) }

    /// Closes the connection, once every handler has settled, and waits for its end.
    func finish() async throws(MessagingError) {
        mailbox.advance(to: .finished)
        try await ending.wait()
    }

    /// Ends the connection now; unsettled deliveries come again.
    func abort() {
        mailbox.advance(to: .aborted)
        watch.interrupt()
    }

    /// Called now and then from outside the thread, which may hang.
    func tick() {
        watch.interruptIfStuck(longerThan: configuration.sendTimeout)
    }

    // MARK: The thread

    private func work() {
        var backoff = Backoff(configuration.backoff)
        while mailbox.phase == .consuming {
            do throws(ConnectionFailure) {
                let connection = try open()
                backoff.reset()
                try serve(connection)
            } catch {
                let wasConnected = lost(error)
                if error.isPermanent, !wasConnected { return end(error.error) }
                mailbox.pause(during: .consuming, for: backoff.next())
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
        return connection
    }

    /// Works until the consumer has finished, then closes.
    private func serve(_ connection: AMQPConnection) throws(ConnectionFailure) {
        var session = ConsumerSession(connection, epoch: mailbox.connected(), measures: measures)
        defer { session.forget() }
        logger.notice("consumer connected", metadata: ["broker": "\(configuration.address.redacted)"])
        while true {
            for settlement in mailbox.takeSettlements() { try session.settle(settlement.tag, settlement.outcome) }
            let phase = mailbox.phase
            if phase != .consuming, try session.cancel(tag: configuration.connectionName) {
                try receive(&session)
                continuation.finish()
            }
            try receive(&session)
            connection.releaseBuffers()
            if phase == .aborted { return }
            if phase == .finished { return try finish(&session) }
            measures.rest(hasRoom: session.unsettledCount < subscription.prefetch)
            mailbox.sleep(while: phase, alongside: connection.socket, atMost: connection.longestSilence)
        }
    }

    private func receive(_ session: inout ConsumerSession) throws(ConnectionFailure) {
        while let signal = try session.nextSignal() {
            switch signal {
            case .delivered(let delivered): deliver(delivered, epoch: session.epoch)
            case .consumerCancelled: throw ConnectionFailure(.unavailable, "the broker cancelled the consumer")
            case .blocked, .unblocked, .confirmed, .refused, .returned: break
            }
        }
    }

    private func deliver(_ delivered: BrokerSignal.Delivered, epoch: Int) {
        let delivery = Delivery(
            message: delivered.message,
            source: delivered.source,
            queue: queue,
            redelivered: delivered.redelivered
        )
        measures.delivered(delivery)
        continuation.yield(
            PendingDelivery(
                delivery: delivery,
                isExclusive: subscription.isExclusive,
                isCurrent: { [mailbox] in mailbox.isCurrent(epoch) },
                finish: { [mailbox] outcome in
                    mailbox.settle(.init(epoch: epoch, tag: delivered.tag, outcome: outcome))
                }
            )
        )
    }

    /// Gives back what no handler saw, waits for the acknowledgements to sink in, and closes.
    private func finish(_ session: inout ConsumerSession) throws(ConnectionFailure) {
        for settlement in mailbox.takeSettlements() { try session.settle(settlement.tag, settlement.outcome) }
        try session.requeueUnsettled()
        mailbox.pause(during: .finished, for: configuration.settleGrace)
        session.close()
    }

    /// Notes the loss, and tells whether the connection stood.
    private func lost(_ failure: ConnectionFailure) -> Bool {
        let wasConnected = mailbox.disconnected(failure.error.message)
        guard mailbox.phase == .consuming else { return wasConnected }
        metrics.reconnects.increment()
        logger.warning(
            wasConnected ? "consumer lost its connection" : "consumer cannot connect",
            metadata: ["error": "\(failure.error.message)"]
        )
        return wasConnected
    }

    private func end(_ error: MessagingError?) {
        mailbox.closed()
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
