import Logging
package import Messaging
import ServiceLifecycle

/// Takes uploads from the work queue, as many at once as there are slots.
package struct MediaConsumer: Service {
    private let consumer: any MessageConsumer
    private let handler: UploadHandler
    private let slots: Int

    package init(consumer: any MessageConsumer, handler: UploadHandler, slots: Int) {
        self.consumer = consumer
        self.handler = handler
        self.slots = slots
    }

    /// Consumes until graceful shutdown; then takes nothing more and returns when what is in hand is settled.
    package func run() async throws {
        try await cancelWhenGracefulShutdown {
            try await consumer.consume(
                Subscription(.queue(Topology.Queue.mediaProcess), prefetch: slots),
                handler: handler.handle
            )
        }
    }
}
