import EventSchema
package import Logging
package import Messaging
import Metrics
package import NotificationDomain
import ServiceLifecycle
import Synchronization

/// Delivers the work items of one channel and tells what became of each.
package final class ChannelConsumer: Service {
    private let channel: any NotificationChannel
    private let consumer: any MessageConsumer
    private let outcomes: OutcomePublisher
    private let schedule: RetrySchedule
    private let concurrency: Int
    private let logger: Logger
    private let log = Mutex(DeliveryLog())

    /// - Parameter concurrency: How many deliveries run at once.
    package init(
        channel: any NotificationChannel,
        consumer: any MessageConsumer,
        outcomes: OutcomePublisher,
        schedule: RetrySchedule,
        concurrency: Int,
        logger: Logger
    ) {
        self.channel = channel
        self.consumer = consumer
        self.outcomes = outcomes
        self.schedule = schedule
        self.concurrency = concurrency
        self.logger = logger
    }

    package func run() async throws {
        var handlers = EventHandlers()
        handlers.on(NotificationRequested.self) { received in
            // A delivery that has begun is finished even while we shut down: it takes seconds, and cut off half-way it
            // would reach the receiver twice.
            await Task { await self.settle(received) }.value
        }
        let subscription = Subscription(.queue(channel.channel.queue), prefetch: concurrency)
        try await cancelWhenGracefulShutdown { [handlers] in
            try await self.consumer.consume(subscription) { await handlers.handle($0) }
        }
    }

    // MARK: One work item

    private func settle(_ received: EventHandlers.Received<NotificationRequested>) async -> Settlement {
        let notification = UserNotification(received.payload, in: received.envelope)
        let key = DeliveryLog.Key(notification: notification.id, channel: channel.channel)
        switch log.withLock({ $0.begin(key) }) {
        case .deliver: return await deliver(notification, key, received)
        case .inProgress: return .retry(after: .seconds(5), reason: "the same notification is being delivered")
        case .done(let outcome): return await tell(outcome, of: notification, received)
        }
    }

    private func deliver(
        _ notification: UserNotification,
        _ key: DeliveryLog.Key,
        _ received: EventHandlers.Received<NotificationRequested>
    ) async -> Settlement {
        let attempt = received.delivery.attempt
        let start = ContinuousClock.now
        let result = await channel.deliver(notification, attempt: attempt)
        timer.record(duration: ContinuousClock.now - start)
        switch schedule.step(after: result, attempt: attempt) {
        case .tryAgain(let delay, let reason):
            log.withLock { $0.postpone(key) }
            count("retried")
            trace("delivery postponed", notification, attempt, reason)
            return .retry(after: delay, reason: reason)
        case .report(let outcome):
            log.withLock { $0.finish(key, outcome: outcome) }
            count(outcome.word)
            trace("delivery finished", notification, attempt, outcome.word)
            return await tell(outcome, of: notification, received)
        }
    }

    private func tell(
        _ outcome: RetrySchedule.Outcome,
        of notification: UserNotification,
        _ received: EventHandlers.Received<NotificationRequested>
    ) async -> Settlement {
        do throws(MessagingError) {
            let name = channel.channel.rawValue
            try await outcomes.publish(outcome, of: notification, channel: name, trace: received.trace)
            return .acknowledge
        } catch {
            // It is done and remembered; when the item comes again only the telling is repeated.
            return .retry(after: .seconds(5), reason: "the outcome could not be told: \(error)")
        }
    }

    // MARK: Measures

    private var timer: Timer {
        Timer(label: "notification.delivery.duration", dimensions: [("channel", channel.channel.rawValue)])
    }

    private func count(_ outcome: String) {
        let dimensions = [("channel", channel.channel.rawValue), ("outcome", outcome)]
        Counter(label: "notification.outcomes", dimensions: dimensions).increment()
    }

    private func trace(_ message: Logger.Message, _ notification: UserNotification, _ attempt: Int, _ outcome: String) {
        logger.debug(
            message,
            metadata: [
                "notification.id": "\(notification.id.lowercased)",
                "notification.channel": "\(channel.channel.rawValue)",
                "notification.attempt": "\(attempt)",
                "notification.outcome": "\(outcome)",
            ]
        )
    }
}

extension RetrySchedule.Outcome {
    fileprivate var word: String {
        switch self {
        case .delivered: "delivered"
        case .failed: "failed"
        }
    }
}
