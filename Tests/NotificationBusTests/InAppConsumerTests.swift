import EventSchema
import Foundation
import Messaging
import NotificationBus
import Persistence
import Testing

@Suite(.timeLimit(.minutes(1)))
struct InAppConsumerTests {
    private let bench: Bench
    private var broker: ScriptedBroker { bench.broker }

    init() async throws { bench = try await Bench() }

    private func consumer(inbox: Inbox) -> InAppConsumer {
        InAppConsumer(consumer: broker, inbox: inbox, events: OutcomeEvents(source: "notification-dispatcher"))
    }

    /// Delivers `request` so many times, one after the other.
    private func settle(_ request: Envelope, times: Int = 1, inbox: Inbox? = nil) async throws -> [Settlement] {
        var settlements: [Settlement] = []
        try await bench.run(consumer(inbox: inbox ?? bench.inbox)) {
            for time in 1...times {
                let headers: JSONObject = ["traceparent": "00-1-2-01"]
                broker.deliver(request.encoded, queue: Topology.Queue.notifyInApp, headers: headers)
                settlements = try await broker.settled(time)
            }
        }
        return settlements
    }

    @Test func `in-app goes to the gateways as an event of its own, and is told as delivered`() async throws {
        let request = requested(["in_app"])
        #expect(try await settle(request) == [.acknowledge])
        #expect(broker.published.map(\.destination.exchange) == ["events", "events"])
        #expect(broker.published.map(\.destination.routingKey) == ["notification.in_app", "notification.delivered"])
        #expect(broker.published.allSatisfy { $0.message.headers["traceparent"] == "00-1-2-01" })
        let envelope = try #require(broker.published.first?.envelope)
        #expect(envelope.eventID == UUID.derived(from: request.eventID, "notification.in_app"))
        let shown = try envelope.decode(NotificationInApp.self)
        #expect(shown.userID == "u-1")
        #expect(shown.createdAt == request.timestamp)
        let outcome = try #require(broker.published.last?.envelope)
        #expect(outcome.eventID == UUID.derived(from: request.eventID, "notification.delivered:in_app"))
        #expect(try outcome.decode(NotificationDelivered.self).channel == "in_app")
    }

    @Test func `a work item that comes twice is shown once and told once`() async throws {
        #expect(try await settle(requested(["in_app"]), times: 2) == [.acknowledge, .acknowledge])
        #expect(broker.published.map(\.destination.routingKey) == ["notification.in_app", "notification.delivered"])
    }

    @Test func `in-app waits in the outbox while the broker takes nothing`() async throws {
        broker.failNext([MessagingError(.unavailable, "gone"), MessagingError(.unavailable, "gone")])
        try await bench.run(consumer(inbox: bench.inbox)) {
            broker.deliver(requested(["in_app"]).encoded, queue: Topology.Queue.notifyInApp)
            #expect(try await broker.settled(1) == [.acknowledge])
            try await broker.published(2)
        }
        #expect(
            Set(broker.published.map(\.destination.routingKey)) == ["notification.in_app", "notification.delivered"]
        )
    }

    @Test func `a work item waits for a database that is locked`() async throws {
        let database = LockedDatabase(bench.database, refusals: 1)
        let inbox = Inbox(database: database, outbox: bench.outbox, logger: bench.logger)
        #expect(try await settle(requested(["in_app"]), inbox: inbox) == [.acknowledge])
        #expect(database.isFree)
        #expect(broker.published.count == 2)
    }
}
