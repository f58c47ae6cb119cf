import EventSchema
import Foundation
import Logging
import Messaging
import NotificationBus
import NotificationDomain
import Persistence
import Testing

@Suite(.timeLimit(.minutes(1)))
struct DispatchConsumerTests {
    private let bench: Bench
    private var broker: ScriptedBroker { bench.broker }

    init() async throws { bench = try await Bench() }

    private func consumer(inbox: Inbox) -> DispatchConsumer {
        DispatchConsumer(
            consumer: broker,
            inbox: inbox,
            events: OutcomeEvents(source: "notification-dispatcher"),
            webhooks: WebhookRouting(defaultAddress: nil, canSign: true),
            logger: bench.logger
        )
    }

    /// Delivers `bodies` one after the other; returns once everything is published.
    private func settle(
        _ bodies: [[UInt8]],
        headers: JSONObject = [:],
        inbox: Inbox? = nil
    ) async throws -> [Settlement] {
        var settlements: [Settlement] = []
        try await bench.run(consumer(inbox: inbox ?? bench.inbox)) {
            for (index, body) in bodies.enumerated() {
                broker.deliver(body, queue: Topology.Queue.notifyDispatch, headers: headers)
                settlements = try await broker.settled(index + 1)
            }
        }
        return settlements
    }

    @Test func `each channel gets the request under an id of its own`() async throws {
        let request = requested(["in_app", "webhook"], to: "https://example.com/")
        #expect(try await settle([request.encoded], headers: ["traceparent": "00-1-2-01"]) == [.acknowledge])
        #expect(
            broker.published.map(\.destination) == [
                Destination(exchange: "notify", routingKey: "inapp"),
                Destination(exchange: "notify", routingKey: "webhook"),
            ]
        )
        #expect(broker.published.allSatisfy { $0.message.body == request.encoded })
        #expect(broker.published.allSatisfy { $0.message.headers["traceparent"] == "00-1-2-01" })
        #expect(
            broker.published.map(\.message.messageID) == [
                UUID.derived(from: request.eventID, "work:in_app").lowercased,
                UUID.derived(from: request.eventID, "work:webhook").lowercased,
            ]
        )
    }

    @Test func `a channel that is not there is told as failed, under an id that follows from the request's`()
        async throws
    {
        let request = requested(["sms"])
        #expect(try await settle([request.encoded], headers: ["traceparent": "00-1-2-01"]) == [.acknowledge])
        let event = try #require(broker.published.first)
        #expect(event.destination == Destination(exchange: "events", routingKey: "notification.failed"))
        #expect(event.message.headers["traceparent"] == "00-1-2-01")
        let envelope = try #require(event.envelope)
        #expect(envelope.eventID == UUID.derived(from: request.eventID, "notification.failed:sms"))
        #expect(envelope.source == "notification-dispatcher")
        let failed = try envelope.decode(NotificationFailed.self)
        #expect(failed.notificationID == request.eventID)
        #expect(failed.userID == "u-1")
        #expect(failed.channel == "sms")
        #expect(failed.reason == "channel_unavailable")
        #expect(!failed.retryable)
    }

    @Test func `a request that comes twice makes its work items and refusals once`() async throws {
        let request = requested(["in_app", "sms"])
        #expect(try await settle([request.encoded, request.encoded]) == [.acknowledge, .acknowledge])
        #expect(broker.published.map(\.destination.routingKey) == ["inapp", "notification.failed"])
    }

    @Test func `of two requests under one id the first wins`() async throws {
        let request = requested(["in_app"])
        let other = requested(["in_app"], title: "other", id: request.eventID)
        #expect(try await settle([request.encoded, other.encoded]) == [.acknowledge, .acknowledge])
        #expect(broker.published.map(\.message.body) == [request.encoded])
    }

    @Test func `a work item that the broker refuses is published once it takes it`() async throws {
        broker.failNext([MessagingError(.timeout, "no confirm")])
        let request = requested(["in_app"])
        try await bench.run(consumer(inbox: bench.inbox)) {
            broker.deliver(request.encoded, queue: Topology.Queue.notifyDispatch)
            #expect(try await broker.settled(1) == [.acknowledge])
            try await broker.published(1)
        }
        #expect(broker.published.map(\.message.body) == [request.encoded])
    }

    @Test func `a request waits for a database that is locked, and uses up no attempt`() async throws {
        let database = LockedDatabase(bench.database, refusals: 2)
        let inbox = Inbox(database: database, outbox: bench.outbox, logger: bench.logger)
        #expect(try await settle([requested(["in_app"]).encoded], inbox: inbox) == [.acknowledge])
        #expect(database.isFree)
        #expect(broker.published.map(\.destination.routingKey) == ["inapp"])
    }

    @Test(arguments: ["nonsense", "{}", #"{"event_type":"notification.requested"}"#])
    func `what cannot be read is parked with its reason`(text: String) async throws {
        guard case .park(let reason) = try await settle([Array(text.utf8)]).first else {
            Issue.record("it was not parked")
            return
        }
        #expect(!reason.isEmpty)
        #expect(broker.published.isEmpty)
    }
}
