import EventSchema
import Foundation
package import Logging
package import Messaging
import Metrics
package import NotificationDomain
import Persistence
import ServiceLifecycle

/// Takes requests for notifications and hands each to the channels that it is for.
///
/// Every channel's work item, every refusal that is told and the note that the request is done are one transaction.
package struct DispatchConsumer: Service {
    /// How many requests are in hand at once; each only waits for a commit.
    private static let prefetch = 100

    private let consumer: any MessageConsumer
    private let inbox: Inbox
    private let decoder: EventDecoder
    private let events: OutcomeEvents
    private let webhooks: WebhookRouting
    private let logger: Logger

    package init(
        consumer: any MessageConsumer,
        inbox: Inbox,
        decoder: EventDecoder = EventDecoder(),
        events: OutcomeEvents,
        webhooks: WebhookRouting,
        logger: Logger
    ) {
        self.consumer = consumer
        self.inbox = inbox
        self.decoder = decoder
        self.events = events
        self.webhooks = webhooks
        self.logger = logger
    }

    package func run() async throws {
        var handlers = EventHandlers(decoder: decoder)
        handlers.on(NotificationRequested.self, once: inbox) { received, work in try dispatch(received, work) }
        let subscription = Subscription(.queue(Topology.Queue.notifyDispatch), prefetch: Self.prefetch)
        try await cancelWhenGracefulShutdown { [handlers] in
            try await consumer.consume(subscription) { await handlers.handle($0) }
        }
    }

    private func dispatch(
        _ received: EventHandlers.Received<NotificationRequested>,
        _ work: UnitOfWork
    ) throws(DatabaseError) {
        let notification = UserNotification(received.payload, in: received.envelope)
        let plan = RoutePlan(notification, webhooks: webhooks)
        for channel in plan.channels { try work.publish(item(for: channel, received), to: channel.workItems) }
        for refusal in plan.refusals {
            let outcome = RetrySchedule.Outcome.failed(refusal.failure, retryable: false)
            let event = events.envelope(of: outcome, notification, channel: refusal.channel)
            try work.publish(event, trace: received.trace)
        }
        work.afterCommit { report(plan, notification) }
    }

    /// The request itself, under an id of its own for each channel.
    private func item(for channel: Channel, _ received: EventHandlers.Received<NotificationRequested>) -> Message {
        var message = Message(received.envelope, trace: received.trace)
        message.messageID = UUID.derived(from: received.envelope.eventID, "work:\(channel.rawValue)").lowercased
        return message
    }

    private func report(_ plan: RoutePlan, _ notification: UserNotification) {
        for refusal in plan.refusals {
            // A word that nobody knows is a stranger's and would make a series of its own.
            let channel = refusal.failure.reason == .unknownChannel ? "unknown" : refusal.channel
            let dimensions = [("channel", channel), ("outcome", "refused")]
            Counter(label: "notification.outcomes", dimensions: dimensions).increment()
        }
        logger.debug(
            "dispatched",
            metadata: [
                "notification.id": "\(notification.id.lowercased)",
                "notification.channels": .array(plan.channels.map { "\($0.rawValue)" }),
                "notification.refused": .array(plan.refusals.map { "\($0.channel)" }),
            ]
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
