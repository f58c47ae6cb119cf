import EventSchema
import Foundation
package import Logging
package import Messaging
import Metrics
package import NotificationDomain
import ServiceLifecycle

/// Takes requests for notifications and hands each to the channels that it is for.
///
/// A request is acknowledged when every channel's work item is on its queue and every refusal has been told, so a crash
/// in between repeats both under the same ids.
package struct DispatchConsumer: Service {
    /// How many requests are in hand at once; each only waits for confirms.
    private static let prefetch = 100

    private let consumer: any MessageConsumer
    private let publisher: any MessagePublisher
    private let outcomes: OutcomePublisher
    private let webhooks: WebhookRouting
    private let logger: Logger

    package init(
        consumer: any MessageConsumer,
        publisher: any MessagePublisher,
        outcomes: OutcomePublisher,
        webhooks: WebhookRouting,
        logger: Logger
    ) {
        self.consumer = consumer
        self.publisher = publisher
        self.outcomes = outcomes
        self.webhooks = webhooks
        self.logger = logger
    }

    package func run() async throws {
        var handlers = EventHandlers()
        handlers.on(NotificationRequested.self) { received in await settle(received) }
        let subscription = Subscription(.queue(Topology.Queue.notifyDispatch), prefetch: Self.prefetch)
        try await cancelWhenGracefulShutdown { [handlers] in
            try await consumer.consume(subscription) { await handlers.handle($0) }
        }
    }

    private func settle(_ received: EventHandlers.Received<NotificationRequested>) async -> Settlement {
        let notification = UserNotification(received.payload, in: received.envelope)
        let plan = RoutePlan(notification, webhooks: webhooks)
        do throws(MessagingError) {
            for channel in plan.channels {
                try await publisher.publish(item(for: channel, received), to: channel.workItems)
            }
            for refusal in plan.refusals { try await tell(refusal, of: notification, received.trace) }
        } catch {
            return .retry(after: .seconds(5), reason: error.description)
        }
        logger.debug(
            "dispatched",
            metadata: [
                "notification.id": "\(notification.id.lowercased)",
                "notification.channels": .array(plan.channels.map { "\($0.rawValue)" }),
                "notification.refused": .array(plan.refusals.map { "\($0.channel)" }),
            ]
        )
        return .acknowledge
    }

    /// The request itself, under an id of its own for each channel.
    private func item(for channel: Channel, _ received: EventHandlers.Received<NotificationRequested>) -> Message {
        var message = Message(received.envelope, trace: received.trace)
        message.messageID = UUID.derived(from: received.envelope.eventID, "work:\(channel.rawValue)").lowercased
        return message
    }

    private func tell(
        _ refusal: RoutePlan.Refusal,
        of notification: UserNotification,
        _ trace: TraceContext
    ) async throws(MessagingError) {
        // A word that nobody knows is a stranger's and would make a series of its own.
        let channel = refusal.failure.reason == .unknownChannel ? "unknown" : refusal.channel
        Counter(label: "notification.outcomes", dimensions: [("channel", channel), ("outcome", "refused")]).increment()
        try await outcomes.publish(
            .failed(refusal.failure, retryable: false),
            of: notification,
            channel: refusal.channel,
            trace: trace
        )
    }
}

extension Channel {
    /// The queue of the channel's work items.
    package var queue: String {
        switch self {
        case .inApp: Topology.Queue.notifyInApp
        case .webhook: Topology.Queue.notifyWebhook
        }
    }

    /// Where its work items are published.
    package var workItems: Destination {
        switch self {
        case .inApp: Destination(exchange: Topology.Exchange.notify, routingKey: "inapp")
        case .webhook: Destination(exchange: Topology.Exchange.notify, routingKey: "webhook")
        }
    }
}
