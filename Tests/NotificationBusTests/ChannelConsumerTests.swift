import EventSchema
import Foundation
import Messaging
import MessagingTesting
import NotificationBus
import NotificationDomain
import NotificationStore
import Persistence
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1)))
struct ChannelConsumerTests {
    /// Answers with prepared outcomes, when its gate is open.
    private final class ScriptedChannel: NotificationChannel {
        let channel = Channel.webhook
        let gate = Gate()
        let attempts = Watched<[Int]>([])
        private let outcomes: Mutex<[DeliveryOutcome]>

        init(_ outcomes: [DeliveryOutcome], isShut: Bool = false) {
            self.outcomes = Mutex(outcomes)
            if !isShut { gate.open() }
        }

        func deliver(_: UserNotification, attempt: Int) async -> DeliveryOutcome {
            attempts.update { $0.append(attempt) }
            await gate.pass()
            return outcomes.withLock { $0.removeFirst() }
        }
    }

    private let bench: Bench
    private var broker: ScriptedBroker { bench.broker }
    private let failure = Failure(.unreachable, "down")

    init() async throws { bench = try await Bench() }

    private func consumer(
        _ channel: ScriptedChannel,
        maximumAttempts: Int = 7,
        database: (any Database)? = nil
    ) -> ChannelConsumer {
        ChannelConsumer(
            channel: channel,
            ports: ChannelConsumer.Ports(
                consumer: broker,
                database: database ?? bench.database,
                outbox: bench.outbox,
                deliveries: SQLDeliveryTable()
            ),
            events: OutcomeEvents(source: "notification-dispatcher"),
            schedule: RetrySchedule(maximumAttempts: maximumAttempts),
            concurrency: 4,
            logger: bench.logger
        )
    }

    private func deliver(_ request: Envelope, attempt: Int = 1) {
        broker.deliver(request.encoded, queue: Topology.Queue.notifyWebhook, attempt: attempt)
    }

    /// Delivers `request` once for each of `attempts`, one after the other, and waits for `events` to be published.
    private func settle(
        _ request: Envelope,
        over channel: ScriptedChannel,
        attempts: [Int] = [1],
        maximumAttempts: Int = 7,
        events: Int = 1
    ) async throws -> [Settlement] {
        var settlements: [Settlement] = []
        try await bench.run(consumer(channel, maximumAttempts: maximumAttempts)) {
            for (index, attempt) in attempts.enumerated() {
                deliver(request, attempt: attempt)
                settlements = try await broker.settled(index + 1)
            }
            try await broker.published(events)
        }
        return settlements
    }

    @Test func `a delivery is told once it is done`() async throws {
        let request = requested(["webhook"])
        #expect(try await settle(request, over: ScriptedChannel([.delivered]), attempts: [3]) == [.acknowledge])
        let envelope = try #require(broker.published.first?.envelope)
        #expect(envelope.eventID == UUID.derived(from: request.eventID, "notification.delivered:webhook"))
        let delivered = try envelope.decode(NotificationDelivered.self)
        #expect(delivered.notificationID == request.eventID)
        #expect(delivered.channel == "webhook" && delivered.attempt == 3)
    }

    @Test func `a failure that may pass waits in a tier, counted, and is not told`() async throws {
        let channel = ScriptedChannel([.postponed(after: .seconds(120), failure)])
        #expect(try await settle(requested(["webhook"]), over: channel) == [.acknowledge])
        let copy = try #require(broker.published.first)
        #expect(copy.destination == Destination(exchange: "retry.5m", routingKey: Topology.Queue.notifyWebhook))
        #expect(copy.message.headers[MessageHeader.attempt] == 2)
        #expect(copy.message.headers[MessageHeader.lastError] == "down")
    }

    @Test func `an earlier attempt that comes again after its copy is skipped`() async throws {
        let channel = ScriptedChannel([.postponed(after: nil, failure), .delivered])
        let settlements = try await settle(requested(["webhook"]), over: channel, attempts: [1, 1, 2, 1], events: 2)
        #expect(settlements == [.acknowledge, .acknowledge, .acknowledge, .acknowledge])
        #expect(channel.attempts.value == [1, 2])
        #expect(broker.published.map(\.destination.exchange) == ["retry.5s", "events"])
    }

    @Test func `a refusal is told as final`() async throws {
        let channel = ScriptedChannel([.failed(Failure(.rejected, "HTTP 410"))])
        #expect(try await settle(requested(["webhook"]), over: channel) == [.acknowledge])
        let failed = try #require(try broker.published.first?.envelope?.decode(NotificationFailed.self))
        #expect(failed.reason == "rejected" && !failed.retryable)
    }

    @Test func `the last try is told as failed instead of parked`() async throws {
        let channel = ScriptedChannel([.postponed(after: nil, failure)])
        _ = try await settle(requested(["webhook"]), over: channel, attempts: [2], maximumAttempts: 2)
        let failed = try #require(try broker.published.first?.envelope?.decode(NotificationFailed.self))
        #expect(failed.retryable)
        #expect(failed.message == "given up after 2 tries: down")
    }

    @Test func `a message that comes twice is delivered once and told once`() async throws {
        let channel = ScriptedChannel([.delivered])
        let settlements = try await settle(requested(["webhook"]), over: channel, attempts: [1, 1])
        #expect(settlements == [.acknowledge, .acknowledge])
        #expect(channel.attempts.value == [1])
        #expect(broker.published.count == 1)
    }

    @Test func `a message that comes again while it is delivered joins in`() async throws {
        let channel = ScriptedChannel([.delivered], isShut: true)
        let request = requested(["webhook"])
        try await bench.run(consumer(channel)) {
            deliver(request)
            try await channel.attempts.wait { $0.count == 1 }
            deliver(request)
            try await broker.started(2)
            channel.gate.open()
            #expect(try await broker.settled(2) == [.acknowledge, .acknowledge])
        }
        #expect(channel.attempts.value == [1])
    }

    @Test func `an attempt that a dead process began is made again`() async throws {
        let request = requested(["webhook"])
        let key = DeliveryKey(notification: request.eventID, channel: .webhook)
        let first = try await bench.database.write {
            try SQLDeliveryTable().begin(key, attempt: 1, now: .now, in: $0)
        }
        #expect(first == .deliver)
        let again = try await bench.database.write {
            try SQLDeliveryTable().begin(key, attempt: 1, now: .now, in: $0)
        }
        #expect(again == .deliverAmbiguous)
        let channel = ScriptedChannel([.delivered])
        #expect(try await settle(request, over: channel) == [.acknowledge])
        #expect(channel.attempts.value == [1])
        #expect(broker.published.map(\.destination.routingKey) == ["notification.delivered"])
    }

    @Test func `a shutdown awaits the provider and notes its answer`() async throws {
        let channel = ScriptedChannel([.delivered], isShut: true)
        try await withService(bench.outbox) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                let consumer = consumer(channel)
                group.addTask { try await consumer.run() }
                deliver(requested(["webhook"]))
                try await channel.attempts.wait { $0.count == 1 }
                group.cancelAll()
                channel.gate.open()
                try await group.waitForAll()
            }
            let settlements = try await broker.settled(1)
            #expect(settlements == [.acknowledge])
            try await broker.published(1)
        }
        #expect(broker.published.map(\.destination.routingKey) == ["notification.delivered"])
    }

    @Test func `a database that is locked is waited for`() async throws {
        let database = LockedDatabase(bench.database, refusals: 1)
        let channel = ScriptedChannel([.delivered])
        try await bench.run(consumer(channel, database: database)) {
            deliver(requested(["webhook"]))
            let settlements = try await broker.settled(1)
            #expect(settlements == [.acknowledge])
        }
        #expect(database.isFree)
        #expect(channel.attempts.value == [1])
    }
}
