import EventSchema
package import Logging
package import Messaging
import ServiceLifecycle

/// Hands events that must not be lost to every node of the gateway.
///
/// The nodes share one durable queue, so an event that comes while all of them are down waits there. One node takes it,
/// publishes it to all, itself included, and only then lets go of it. A crash in between shows it twice, which the nodes
/// notice by its id.
package struct NodeRelay: Service {
    /// How many events may be under way to the nodes at once.
    private static let prefetch = 100
    /// How long an event waits when it could not be handed on.
    private static let retryDelay = Duration.seconds(5)

    private let consumer: any MessageConsumer
    private let publisher: any MessagePublisher
    private let logger: Logger

    package init(consumer: any MessageConsumer, publisher: any MessagePublisher, logger: Logger) {
        self.consumer = consumer
        self.publisher = publisher
        self.logger = logger
    }

    package func run() async throws {
        let handlers = handlers
        let subscription = Subscription(.queue(Topology.Queue.realtimeEvents), prefetch: Self.prefetch)
        try await cancelWhenGracefulShutdown {
            try await consumer.consume(subscription) { await handlers.handle($0) }
        }
    }

    /// What is done with each delivery; what cannot be read is parked with the reason.
    var handlers: EventHandlers {
        var handlers = EventHandlers()
        handlers.on(MediaReady.self) { await relay($0.envelope, $0.trace) }
        handlers.on(MediaFailed.self) { await relay($0.envelope, $0.trace) }
        handlers.on(NotificationInApp.self) { await relay($0.envelope, $0.trace) }
        handlers.on(RealtimeBroadcast.self) { await relay($0.envelope, $0.trace) }
        return handlers
    }

    /// Hands the event on as an envelope, in whatever form it came.
    private func relay(_ envelope: Envelope, _ trace: TraceContext) async -> Settlement {
        let destination = Destination(exchange: Topology.Exchange.realtimeNodes, routingKey: envelope.eventType)
        do throws(MessagingError) {
            try await publisher.publish(Message(envelope, trace: trace), to: destination)
            return .acknowledge
        } catch {
            logger.warning(
                "event not handed to the nodes",
                metadata: ["event.id": "\(envelope.eventID.lowercased)", "error": "\(error)"]
            )
            return .retry(after: Self.retryDelay, reason: error.description)
        }
    }
}
