import Foundation
import Logging
import Messaging
import Metrics

/// One subscription's connection, kept alive by a thread of its own.
final class ConsumerLink: Sendable {
    let queue: String
    /// What handlers are to work on; it ends with the consumption.
    let deliveries = DeliveryQueue()
    private let subscription: Subscription
    private let configuration: RabbitMQConfiguration
    private let topology: Topology.Declaration
    private let metrics: BrokerMetrics
    private let logger: Logger
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
        var nodes = NodeRotation(configuration.address.nodes)
        while mailbox.phase == .consuming {
            do throws(ConnectionFailure) {
                let connection = try open(nodes.next())
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

    private func open(_ node: AMQPURL.Node) throws(ConnectionFailure) -> AMQPConnection {
        let name = "\(configuration.connectionName) consumer of \(queue)"
        let connection = try AMQPConnection(configuration, node: node, name: name, watch: watch)
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
        logger.notice("consumer connected", metadata: ["broker": "\(connection.address)"])
        while true {
            let phase = mailbox.phase
            if phase != .consuming, try session.cancel(tag: configuration.connectionName) {
                try receive(&session)
                deliveries.finish()
            }
            // After the cancel, or the broker would hand out more for each acknowledgement.
            try session.settle(mailbox.takeSettlements())
            try receive(&session)
            connection.releaseBuffers()
            if phase == .aborted { return }
            if phase == .finished { return try finish(&session) }
            measures.rest(hasRoom: session.unsettledCount < subscription.prefetch)
            mailbox.sleep(while: phase, alongside: connection.socket, atMost: connection.longestSilence)
        }
    }

    private func receive(_ session: inout ConsumerSession) throws(ConnectionFailure) {
        var received: [PendingDelivery] = []
        while let signal = try session.nextSignal() {
            switch signal {
            case .delivered(let delivered): received.append(pending(delivered, epoch: session.epoch))
            case .consumerCancelled: throw ConnectionFailure(.unavailable, "the broker cancelled the consumer")
            case .blocked, .unblocked, .confirmed, .refused, .returned: break
            }
        }
        measures.delivered(received.map(\.delivery))
        measures.unsettled(session.unsettledCount)
        if !received.isEmpty { deliveries.append(received) }
    }

    private func pending(_ delivered: BrokerSignal.Delivered, epoch: Int) -> PendingDelivery {
        let (mailbox, tag) = (mailbox, delivered.tag)
        return PendingDelivery(
            delivery: Delivery(
                message: delivered.message,
                source: delivered.source,
                queue: queue,
                redelivered: delivered.redelivered
            ),
            isExclusive: subscription.isExclusive,
            isCurrent: { mailbox.isCurrent(epoch) },
            finish: { outcome in mailbox.settle(.init(epoch: epoch, tag: tag, outcome: outcome)) }
        )
    }

    /// Gives back what no handler saw, waits for the acknowledgements to sink in, and closes.
    private func finish(_ session: inout ConsumerSession) throws(ConnectionFailure) {
        try session.settle(mailbox.takeSettlements())
        try session.requeueUnsettled()
        if session.givenBack > 0 {
            logger.notice("deliveries given back", metadata: ["messaging.deliveries": "\(session.givenBack)"])
        }
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
        deliveries.finish()
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
