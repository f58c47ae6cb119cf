package import Logging
package import Messaging
import ServiceLifecycle
import Synchronization

/// RabbitMQ as the suite's message broker.
///
/// Publishing has one connection and each consumer has another, so that a slow consumer never holds up confirmations. Each
/// connection has a thread of its own, is made again when it is lost, and declares the topology each time.
///
/// Messages sent but not confirmed when a connection goes are sent again over the next one: they may arrive twice, under
/// the same ``Message/messageID``.
///
/// Put it first in a `ServiceGroup`: services end in the opposite order, so that consumers have settled and the last events
/// are published before it ends.
package final class RabbitMQBroker: Service, MessagePublisher, MessageConsumer {
    private struct State {
        var consumers: [Int: ConsumerLink] = [:]
        var nextID = 0
        var isDraining = false
    }

    let configuration: RabbitMQConfiguration
    private let topology: Topology.Declaration
    let logger: Logger
    let metrics = BrokerMetrics()
    private let publisher: PublisherLink
    private let state = Mutex(State())

    /// - Parameter topology: Declared at each connect; `.none` for users who may not configure the broker.
    package init(
        configuration: RabbitMQConfiguration,
        topology: Topology.Declaration = .suite,
        logger: Logger
    ) {
        self.configuration = configuration
        self.topology = topology
        self.logger = logger
        publisher = PublisherLink(configuration, topology: topology, metrics: metrics, logger: logger)
    }

    /// How the connections are now.
    package var status: BrokerStatus {
        let consumers = state.withLock(\.consumers)
        return BrokerStatus(
            publisher: publisher.status,
            consumers: Dictionary(consumers.values.map { ($0.queue, $0.status) }) { one, other in
                one.problem == nil ? other : one
            }
        )
    }

    /// Deliveries of a queue that handlers hold, or that wait for one.
    func unsettledCount(of queue: String) -> Int {
        state.withLock { Array($0.consumers.values) }.filter { $0.queue == queue }.reduce(0) { $0 + $1.unsettledCount }
    }

    // MARK: Service

    /// Connects and stays connected until the service group shuts down or the task is cancelled.
    ///
    /// On graceful shutdown consumers stop taking deliveries; when the last has ended and everything is published, this
    /// returns. On cancellation everything ends at once.
    ///
    /// - Throws: ``MessagingError`` for what waiting cannot mend: refused credentials or permissions, a topology that the
    ///   broker has otherwise.
    package func run() async throws {
        publisher.start()
        try await withTaskCancellationHandler {
            try await withGracefulShutdownHandler {
                try await watchUntilEnd()
            } onGracefulShutdown: {
                self.drain()
            }
        } onCancel: {
            self.abort()
        }
    }

    private func watchUntilEnd() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await self.watch() }
            defer { group.cancelAll() }
            try await publisher.ended()
        }
    }

    /// Ends what hangs and gives up what is late, from outside the threads that may hang.
    private func watch() async {
        while !Task.isCancelled {
            publisher.tick()
            for consumer in state.withLock({ Array($0.consumers.values) }) { consumer.tick() }
            try? await Task.sleep(for: .milliseconds(250))
        }
    }

    private func drain() {
        let consumers = state.withLock { state in
            state.isDraining = true
            return Array(state.consumers.values)
        }
        for consumer in consumers { consumer.drain() }
        if consumers.isEmpty { publisher.close() }
    }

    private func abort() {
        let consumers = state.withLock { state in
            state.isDraining = true
            return Array(state.consumers.values)
        }
        for consumer in consumers { consumer.abort() }
        publisher.abort()
    }

    // MARK: Publishing

    /// Publishes a message, see ``MessagePublisher``; the outcome is known after at most
    /// ``RabbitMQConfiguration/confirmTimeout``.
    package func publish(
        _ message: Message,
        to destination: Destination,
        guarantee: PublishGuarantee,
        completion: @escaping Completion
    ) {
        let (size, limit) = (message.body.count, configuration.maximumMessageSize)
        guard size <= limit else {
            let problem = "its body has \(size) bytes, at most \(limit) are sent"
            return completion(.failure(.unsendable(message, because: problem)))
        }
        publishInSpan(
            message,
            to: destination,
            guarantee: guarantee,
            completion: completion,
            over: publisher.publish
        )
    }

    // MARK: Consuming

    package func consume(
        _ subscription: Subscription,
        handler: @escaping @Sendable (Delivery) async -> Settlement
    ) async throws(MessagingError) {
        let link = ConsumerLink(
            subscription,
            configuration: configuration,
            topology: topology,
            metrics: metrics,
            logger: logger
        )
        let id = try register(link)
        defer { unregister(id) }
        let pool = HandlerPool(
            limit: subscription.prefetch,
            maximumBodySize: configuration.maximumMessageSize,
            settler: Settler(policy: configuration.settlement, publisher: publisher, logger: logger)
        )
        link.start()
        await withTaskCancellationHandler {
            await pool.run(link.deliveries, handler: handler)
        } onCancel: {
            link.drain()
        }
        try await link.finish()
    }

    private func register(_ link: ConsumerLink) throws(MessagingError) -> Int {
        let id = state.withLock { state -> Int? in
            guard !state.isDraining else { return nil }
            state.nextID += 1
            state.consumers[state.nextID] = link
            return state.nextID
        }
        guard let id else { throw MessagingError(.closed, "broker is shutting down") }
        return id
    }

    private func unregister(_ id: Int) {
        let wasLast = state.withLock { state in
            state.consumers[id] = nil
            return state.isDraining && state.consumers.isEmpty
        }
        if wasLast { publisher.close() }
    }
}
