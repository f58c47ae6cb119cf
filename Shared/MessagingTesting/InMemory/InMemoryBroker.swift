import EventSchema
import Foundation
import Logging
package import Messaging

/// A message broker without a broker: for tests of what stands on ``Messaging``.
///
/// It passes the same ``BrokerConformance`` as RabbitMQ. Time stands still: what waits in a retry tier comes back with
/// ``advance(by:)``.
package final class InMemoryBroker: MessagePublisher, MessageConsumer {
    private let state: Watched<BrokerState>
    private let policy: SettlementPolicy

    package init(topology: Topology.Declaration = .suite, settlement: SettlementPolicy = SettlementPolicy()) {
        state = Watched(BrokerState(topology))
        policy = settlement
    }

    // MARK: Publishing

    package func publish(
        _ message: Message,
        to destination: Destination,
        guarantee: PublishGuarantee,
        completion: @escaping Completion
    ) {
        publishInSpan(message, to: destination, guarantee: guarantee, completion: completion, over: store)
    }

    private func store(
        _ message: Message,
        to destination: Destination,
        guarantee: PublishGuarantee,
        completion: Completion
    ) {
        do throws(MessagingError) {
            let taken = try state.update { state throws(MessagingError) in try state.publish(message, to: destination) }
            guard taken > 0 else {
                throw MessagingError(
                    .unroutable,
                    "no queue takes '\(destination.routingKey)' of '\(destination.exchange)' (312)"
                )
            }
            completion(.success(()))
        } catch {
            // Best effort is dropped.
            completion(guarantee == .bestEffort ? .success(()) : .failure(error))
        }
    }

    /// Publishes retried and parked copies as they are, in no span.
    private struct Copies: MessagePublisher {
        let broker: InMemoryBroker

        func publish(
            _ message: Message,
            to destination: Destination,
            guarantee: PublishGuarantee,
            completion: Completion
        ) {
            broker.store(message, to: destination, guarantee: guarantee, completion: completion)
        }
    }

    // MARK: Consuming

    package func consume(
        _ subscription: Subscription,
        handler: @escaping @Sendable (Delivery) async -> Settlement
    ) async throws(MessagingError) {
        let deliveries = DeliveryQueue()
        let id = try subscribe(subscription, deliveries)
        let logger = Logger(label: "in-memory-broker")
        let settler = Settler(policy: policy, publisher: Copies(broker: self), logger: logger)
        await withTaskCancellationHandler {
            await HandlerPool(limit: subscription.prefetch, settler: settler).run(deliveries, handler: handler)
        } onCancel: {
            state.update { $0.cancel(id) }
            deliveries.finish()
        }
        state.update { $0.remove(id) }
    }

    private func subscribe(
        _ subscription: Subscription,
        _ deliveries: DeliveryQueue
    ) throws(MessagingError) -> Int {
        // The id is not known before the first delivery is handed out.
        let id = Watched(0)
        let consumer = BrokerState.Consumer(subscription: subscription) { [self] stored, tag in
            let delivery = Delivery(
                message: stored.message,
                source: stored.source,
                queue: subscription.queueName,
                redelivered: stored.redelivered
            )
            let pending = PendingDelivery(
                delivery: delivery,
                isExclusive: subscription.isExclusive,
                isCurrent: { self.state.value.holds(id.value, tag: tag) },
                finish: { outcome in self.state.update { $0.settle(id.value, tag: tag, outcome) } }
            )
            deliveries.append([pending])
        }
        return try state.update { state throws(MessagingError) in
            let assigned = try state.subscribe(consumer)
            id.update { $0 = assigned }
            return assigned
        }
    }

    // MARK: For tests

    /// The messages of a queue that no consumer holds.
    package func messages(in queue: String) -> [Message] { state.value.ready(in: queue) }

    /// Waits until a queue holds `count` messages that no consumer holds, and returns them.
    ///
    /// - Throws: `CancellationError`.
    package func messages(_ count: Int, in queue: String) async throws -> [Message] {
        try await state.wait { $0.ready(in: queue).count >= count }.ready(in: queue)
    }

    /// Waits until somebody consumes a queue.
    ///
    /// - Throws: `CancellationError`.
    package func untilConsumed(_ queue: String) async throws {
        try await state.wait { $0.consumedQueues.contains(queue) }
    }

    /// Waits until `count` messages wait in retry tiers.
    ///
    /// - Throws: `CancellationError`.
    package func untilDelayed(_ count: Int) async throws {
        try await state.wait { $0.delayed.count >= count }
    }

    /// Lets time pass for the retry tiers.
    package func advance(by duration: Duration) { state.update { $0.advance(by: duration) } }

    /// Every connection goes and comes back.
    package func dropConnections() { state.update { $0.dropConnections() } }

    /// Makes each publish fail with `error`, until `nil`.
    package func setOutage(_ error: MessagingError?) { state.update { $0.outage = error } }

    /// Everything published to `exchange` under a key that matches `pattern` from now on.
    package func listen(
        to pattern: String = "#",
        on exchange: String = Topology.Exchange.events
    ) throws(MessagingError) -> AsyncStream<Delivery> {
        let (stream, continuation) = AsyncStream.makeStream(of: Delivery.self)
        let name = "listener.\(UUID().lowercased)"
        let source = Subscription.Source.exclusive(name: name, bindings: [.init(exchange: exchange, pattern: pattern)])
        let subscription = Subscription(source, prefetch: .max)
        let id = try state.update { state throws(MessagingError) in
            try state.subscribe(
                BrokerState.Consumer(subscription: subscription) { stored, _ in
                    continuation.yield(
                        Delivery(message: stored.message, source: stored.source, queue: name, redelivered: false)
                    )
                }
            )
        }
        continuation.onTermination = { [state] _ in state.update { $0.remove(id) } }
        return stream
    }
}
