import EventSchema
package import Messaging
import NotificationDomain
import Persistence
import ServiceLifecycle

/// Delivers in-app notifications: events that the gateways carry to `user:U`.
///
/// The event, its outcome and the note that the work item is done are one transaction, so there is nothing to try again.
package struct InAppConsumer: Service {
    /// How many are in hand at once; each only waits for a commit.
    private static let prefetch = 100

    private let consumer: any MessageConsumer
    private let inbox: Inbox
    private let events: OutcomeEvents
    private let metrics = DeliveryMetrics(channel: .inApp)

    package init(consumer: any MessageConsumer, inbox: Inbox, events: OutcomeEvents) {
        self.consumer = consumer
        self.inbox = inbox
        self.events = events
    }

    package func run() async throws {
        var handlers = EventHandlers()
        handlers.on(NotificationRequested.self, once: inbox) { [events, metrics] received, work in
            let notification = UserNotification(received.payload, in: received.envelope)
            let outcome = RetrySchedule.Outcome.delivered(attempt: 1)
            try work.publish(events.inApp(notification), trace: received.trace)
            try work.publish(
                events.envelope(of: outcome, notification, channel: Channel.inApp.rawValue),
                trace: received.trace
            )
            work.afterCommit { metrics.count(outcome) }
        }
        let subscription = Subscription(.queue(Channel.inApp.queue), prefetch: Self.prefetch)
        try await cancelWhenGracefulShutdown { [handlers] in
            try await consumer.consume(subscription) { await handlers.handle($0) }
        }
    }
}
