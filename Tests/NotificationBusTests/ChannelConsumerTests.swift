import EventSchema
import Foundation
import Logging
import Messaging
import NotificationBus
import NotificationDomain
import NotificationInApp
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1)))
struct ChannelConsumerTests {
    /// Answers with prepared outcomes and counts how often it was asked.
    private final class ScriptedChannel: NotificationChannel {
        let channel = Channel.webhook
        private let outcomes: Mutex<[DeliveryOutcome]>
        private let count = Mutex(0)
        var deliveries: Int { count.withLock { $0 } }

        init(_ outcomes: [DeliveryOutcome]) {
            self.outcomes = Mutex(outcomes)
        }

        func deliver(_: UserNotification, attempt _: Int) async -> DeliveryOutcome {
            count.withLock { $0 += 1 }
            return outcomes.withLock { $0.removeFirst() }
        }
    }

    private let broker = ScriptedBroker()
    private let failure = Failure(.unreachable, "down")

    private func consumer(_ channel: any NotificationChannel, maximumAttempts: Int = 7) -> ChannelConsumer {
        ChannelConsumer(
            channel: channel,
            consumer: broker,
            outcomes: OutcomePublisher(publisher: EventPublisher(broker, source: "notification-dispatcher")),
            schedule: RetrySchedule(maximumAttempts: maximumAttempts),
            concurrency: 4,
            logger: Logger(label: "test")
        )
    }

    /// Delivers `request` once for each of `attempts`, one after the other.
    private func settle(
        _ request: Envelope,
        over channel: any NotificationChannel,
        attempts: [Int] = [1],
        maximumAttempts: Int = 7
    ) async throws -> [Settlement?] {
        var settlements: [Settlement?] = []
        try await withService(consumer(channel, maximumAttempts: maximumAttempts)) {
            var iterator = broker.settlements.makeAsyncIterator()
            for attempt in attempts {
                broker.deliver(request.encoded, queue: Topology.Queue.notifyWebhook, attempt: attempt)
                settlements.append(await iterator.next())
            }
        }
        return settlements
    }

    @Test func `a delivery is told once it is done`() async throws {
        let request = requested(["webhook"])
        let settlements = try await settle(request, over: ScriptedChannel([.delivered]), attempts: [3])
        #expect(settlements == [.acknowledge])
        let envelope = try #require(broker.published.first?.envelope)
        #expect(envelope.eventID == UUID.derived(from: request.eventID, "notification.delivered:webhook"))
        let delivered = try envelope.decode(NotificationDelivered.self)
        #expect(delivered.notificationID == request.eventID)
        #expect(delivered.channel == "webhook")
        #expect(delivered.attempt == 3)
    }

    @Test func `a failure that may pass is tried again later and not told`() async throws {
        let channel = ScriptedChannel([.postponed(after: .seconds(120), failure), .delivered])
        let settlements = try await settle(requested(["webhook"]), over: channel, attempts: [1, 2])
        #expect(settlements == [.retry(after: .seconds(120), reason: "down"), .acknowledge])
        #expect(broker.published.map(\.envelope?.eventType) == ["notification.delivered"])
    }

    @Test func `a refusal is told as final`() async throws {
        let channel = ScriptedChannel([.failed(Failure(.rejected, "HTTP 410"))])
        #expect(try await settle(requested(["webhook"]), over: channel) == [.acknowledge])
        let failed = try #require(try broker.published.first?.envelope?.decode(NotificationFailed.self))
        #expect(failed.reason == "rejected")
        #expect(!failed.retryable)
    }

    @Test func `the last try is told as failed instead of parked`() async throws {
        let channel = ScriptedChannel([.postponed(after: nil, failure)])
        let settlements = try await settle(
            requested(["webhook"]),
            over: channel,
            attempts: [2],
            maximumAttempts: 2
        )
        #expect(settlements == [.acknowledge])
        let failed = try #require(try broker.published.first?.envelope?.decode(NotificationFailed.self))
        #expect(failed.retryable)
        #expect(failed.message == "given up after 2 tries: down")
    }

    @Test func `a message that comes twice is delivered once and told under one id`() async throws {
        let channel = ScriptedChannel([.delivered])
        let settlements = try await settle(requested(["webhook"]), over: channel, attempts: [1, 1])
        #expect(settlements == [.acknowledge, .acknowledge])
        #expect(channel.deliveries == 1)
        #expect(Set(broker.published.map(\.message.messageID)).count == 1)
    }

    @Test func `an outcome that could not be told is told later without another delivery`() async throws {
        broker.failNext([MessagingError(.unavailable, "gone")])
        let channel = ScriptedChannel([.delivered])
        let settlements = try await settle(requested(["webhook"]), over: channel, attempts: [1, 2])
        #expect(
            settlements == [
                .retry(after: .seconds(5), reason: "the outcome could not be told: gone"), .acknowledge,
            ]
        )
        #expect(channel.deliveries == 1)
        let delivered = try #require(try broker.published.first?.envelope?.decode(NotificationDelivered.self))
        #expect(delivered.attempt == 1)
    }

    @Test func `in-app goes to the gateways as an event of its own`() async throws {
        let request = requested(["in_app"])
        let channel = InAppChannel(publisher: EventPublisher(broker, source: "notification-dispatcher"))
        #expect(try await settle(request, over: channel) == [.acknowledge])
        #expect(broker.published.map(\.destination.routingKey) == ["notification.in_app", "notification.delivered"])
        let envelope = try #require(broker.published.first?.envelope)
        #expect(envelope.eventID == UUID.derived(from: request.eventID, "notification.in_app"))
        let shown = try envelope.decode(NotificationInApp.self)
        #expect(shown.userID == "u-1")
        #expect(shown.createdAt == request.timestamp)
    }

    @Test func `in-app waits while the broker takes nothing`() async throws {
        broker.failNext([MessagingError(.unavailable, "gone")])
        let channel = InAppChannel(publisher: EventPublisher(broker, source: "notification-dispatcher"))
        let settlements = try await settle(requested(["in_app"]), over: channel)
        #expect(
            settlements == [.retry(after: .seconds(5), reason: "the gateways' queue did not take it: gone")]
        )
        #expect(broker.published.isEmpty)
    }
}
