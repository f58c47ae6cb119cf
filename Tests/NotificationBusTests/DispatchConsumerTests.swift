import EventSchema
import Foundation
import Logging
import Messaging
import NotificationBus
import NotificationDomain
import ServiceLifecycle
import Testing

/// Runs a consumer for the time of `body`.
func withService(_ service: any Service, _ body: () async throws -> Void) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await service.run() }
        try await body()
        group.cancelAll()
        try await group.waitForAll()
    }
}

func requested(
    _ types: [String],
    to address: String? = nil,
    id: UUID = UUID()
) -> Envelope {
    let payload = NotificationRequested(userID: "u-1", types: types, title: "t", body: "b", to: address)
    return Envelope(payload, eventID: id, timestamp: Timestamp(milliseconds: 0), source: "backend")
}

@Suite(.timeLimit(.minutes(1)))
struct DispatchConsumerTests {
    private let broker = ScriptedBroker()

    private func settle(_ body: [UInt8], headers: JSONObject = [:]) async throws -> Settlement? {
        let consumer = DispatchConsumer(
            consumer: broker,
            publisher: broker,
            outcomes: OutcomePublisher(publisher: EventPublisher(broker, source: "notification-dispatcher")),
            webhooks: WebhookRouting(defaultAddress: nil, canSign: true),
            logger: Logger(label: "test")
        )
        var settlement: Settlement?
        try await withService(consumer) {
            broker.deliver(body, queue: Topology.Queue.notifyDispatch, headers: headers)
            var settlements = broker.settlements.makeAsyncIterator()
            settlement = await settlements.next()
        }
        return settlement
    }

    @Test func `each channel gets the request under an id of its own`() async throws {
        let request = requested(["in_app", "webhook"], to: "https://example.com/")
        #expect(try await settle(request.encoded, headers: ["traceparent": "00-1-2-01"]) == .acknowledge)
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

    @Test func `a channel that is not there is told as failed, under the same id every time`() async throws {
        let request = requested(["sms"])
        #expect(try await settle(request.encoded) == .acknowledge)
        let event = try #require(broker.published.first)
        #expect(event.destination == Destination(exchange: "events", routingKey: "notification.failed"))
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

    @Test func `a request that cannot be handed on comes back whole`() async throws {
        broker.failNext([MessagingError(.timeout, "no confirm")])
        let settlement = try await settle(requested(["in_app"]).encoded)
        #expect(settlement == .retry(after: .seconds(5), reason: "no confirm"))
    }

    @Test(arguments: ["nonsense", "{}", #"{"event_type":"notification.requested"}"#])
    func `what cannot be read is parked with its reason`(text: String) async throws {
        guard case .park(let reason) = try await settle(Array(text.utf8)) else {
            Issue.record("it was not parked")
            return
        }
        #expect(!reason.isEmpty)
        #expect(broker.published.isEmpty)
    }
}
