import EventSchema
package import Logging
package import Messaging
package import RealtimeDomain
import ServiceLifecycle

/// Shows this node's clients what comes over the bus, from a queue that lives as long as the node.
package struct NodeFeed: Service {
    /// One at a time, so that clients see events in the order in which they came; showing one takes microseconds.
    private static let prefetch = 1

    private let consumer: any MessageConsumer
    private let feed: RealtimeFeed
    private let doorkeeper: Doorkeeper
    private let queue: String
    private let logger: Logger

    /// `instance` tells this node from the others.
    package init(
        consumer: any MessageConsumer,
        feed: RealtimeFeed,
        doorkeeper: Doorkeeper,
        instance: String,
        logger: Logger
    ) {
        self.consumer = consumer
        self.feed = feed
        self.doorkeeper = doorkeeper
        queue = "realtime.node.\(instance)"
        self.logger = logger
    }

    package func run() async throws {
        try await cancelWhenGracefulShutdown {
            try await consumer.consume(subscription) { await handle($0) }
        }
    }

    /// Everything that a relay hands to the nodes, and progress, which needs no such care.
    var subscription: Subscription {
        Subscription(
            .exclusive(
                name: queue,
                bindings: [
                    Subscription.Binding(exchange: Topology.Exchange.realtimeNodes, pattern: "#"),
                    Subscription.Binding(exchange: Topology.Exchange.events, pattern: MediaProgress.eventType),
                ]
            ),
            prefetch: Self.prefetch
        )
    }

    /// Shows an event; one that cannot be read is dropped here, since the relay parks its own and progress is worth little.
    ///
    /// What changes who may be where takes effect here before clients hear of it.
    func handle(_ delivery: Delivery) async -> Settlement {
        do throws(SchemaError) {
            if NodeEvents.eventTypes.contains(delivery.source.routingKey) {
                try await doorkeeper.accept(delivery.message.body)
            }
            try feed.accept(delivery.message.body)
        } catch {
            logger.warning(
                "unreadable event",
                metadata: ["messaging.routing_key": "\(delivery.source.routingKey)", "error": "\(error)"]
            )
        }
        return .acknowledge
    }
}
