import EventSchema
package import Logging
package import Messaging
package import NotificationDomain
package import Persistence
import ServiceLifecycle

/// Delivers the work items of a channel whose provider is asked over the network, and tells what became of each.
///
/// What happens to an item is noted before the provider is asked and after it has answered. The answer's note, the event
/// that tells it and the copy that is tried later are one transaction. A process that dies in between leaves an attempt of
/// which nobody knows how it ended: it is made again, under the same notification id, and counted as ambiguous.
package final class ChannelConsumer: Service {
    /// What a channel's consumer stands on.
    package struct Ports: Sendable {
        package let consumer: any MessageConsumer
        package let database: any Database
        package let outbox: Outbox
        package let deliveries: any DeliveryTable<SQLTransaction>

        package init(
            consumer: any MessageConsumer,
            database: any Database,
            outbox: Outbox,
            deliveries: any DeliveryTable<SQLTransaction>
        ) {
            self.consumer = consumer
            self.database = database
            self.outbox = outbox
            self.deliveries = deliveries
        }
    }

    private typealias Item = EventHandlers.Received<NotificationRequested>

    private let channel: any NotificationChannel
    private let ports: Ports
    private let events: OutcomeEvents
    private let schedule: RetrySchedule
    private let concurrency: Int
    private let logger: Logger
    private let metrics: DeliveryMetrics
    private let inHand = DeliveriesInHand()

    /// - Parameter concurrency: How many deliveries run at once.
    package init(
        channel: any NotificationChannel,
        ports: Ports,
        events: OutcomeEvents,
        schedule: RetrySchedule,
        concurrency: Int,
        logger: Logger
    ) {
        self.channel = channel
        self.ports = ports
        self.events = events
        self.schedule = schedule
        self.concurrency = concurrency
        self.logger = logger
        metrics = DeliveryMetrics(channel: channel.channel)
    }

    package func run() async throws {
        var handlers = EventHandlers()
        handlers.on(NotificationRequested.self) { item in
            await self.inHand.run(self.key(of: item)) { await self.settle(item) }
        }
        let subscription = Subscription(.queue(channel.channel.queue), prefetch: concurrency)
        try await cancelWhenGracefulShutdown { [handlers] in
            try await self.ports.consumer.consume(subscription) { await handlers.handle($0) }
        }
    }

    private func key(of item: Item) -> DeliveryKey {
        DeliveryKey(notification: item.envelope.eventID, channel: channel.channel)
    }

    // MARK: One work item

    private func settle(_ item: Item) async -> Settlement {
        do {
            switch try await begin(item) {
            case .skip: return .acknowledge
            case .deliver: break
            case .deliverAmbiguous: metrics.countAmbiguous()
            }
            failpoint(.notedBeforeSend)
            let notification = UserNotification(item.payload, in: item.envelope)
            let start = ContinuousClock.now
            let result = await channel.deliver(notification, attempt: item.delivery.attempt)
            metrics.record(ContinuousClock.now - start)
            failpoint(.sentBeforeRecord)
            try await record(schedule.step(after: result, attempt: item.delivery.attempt), notification, item)
            failpoint(.committedBeforeAck)
            return .acknowledge
        } catch is CancellationError {
            return .release
        } catch {
            return .retry(after: .seconds(5), reason: "\(error)")
        }
    }

    private func begin(_ item: Item) async throws -> DeliveryDecision {
        failpoint(.receivedBeforeWork)
        try await ports.outbox.room()
        let (key, attempt) = (key(of: item), item.delivery.attempt)
        return try await ports.database.persist { [deliveries = ports.deliveries] transaction in
            try deliveries.begin(key, attempt: attempt, now: .now, in: transaction)
        }
    }

    private func record(_ step: RetrySchedule.Step, _ notification: UserNotification, _ item: Item) async throws {
        switch step {
        case .tryAgain(let delay, let reason):
            try await postpone(item, after: delay, reason: reason)
            metrics.countRetry()
            trace("delivery postponed", notification, item, reason)
        case .report(let outcome):
            try await finish(item, as: outcome, notification)
            metrics.count(outcome)
            trace("delivery finished", notification, item, outcome.word)
        }
    }

    private func postpone(_ item: Item, after delay: Duration, reason: String) async throws {
        let (key, delivery) = (key(of: item), item.delivery)
        let copy = SettlementPolicy().copy(of: delivery, toTryAfter: delay, reason: reason, now: .now)
        try await ports.database.persist { [ports] transaction in
            try ports.deliveries.postpone(key, attempt: delivery.attempt, now: .now, in: transaction)
            try ports.outbox.add(copy.message, to: copy.destination, in: transaction)
            failpoint(.workedBeforeCommit)
        }
    }

    private func finish(
        _ item: Item,
        as outcome: RetrySchedule.Outcome,
        _ notification: UserNotification
    ) async throws {
        let key = key(of: item)
        let event = events.envelope(of: outcome, notification, channel: channel.channel.rawValue)
        try await ports.database.persist { [ports] transaction in
            guard try ports.deliveries.finish(key, now: .now, in: transaction) else { return }
            try ports.outbox.add(event, trace: item.trace, in: transaction)
            failpoint(.workedBeforeCommit)
        }
    }

    private func trace(_ message: Logger.Message, _ notification: UserNotification, _ item: Item, _ outcome: String) {
        logger.debug(
            message,
            metadata: [
                "notification.id": "\(notification.id.lowercased)",
                "notification.channel": "\(channel.channel.rawValue)",
                "notification.attempt": "\(item.delivery.attempt)",
                "notification.outcome": "\(outcome)",
            ]
        )
    }
}
