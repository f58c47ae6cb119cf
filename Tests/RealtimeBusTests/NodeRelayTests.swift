import EventSchema
import Logging
import Messaging
import Persistence
import PersistenceTesting
import RealtimeDomain
import RealtimeStore
import Synchronization
import Testing

@testable import RealtimeBus

struct NodeRelayTests {
    /// Keeps what is published, or fails as it is told to.
    private final class Outbox: MessagePublisher, MessageConsumer {
        private let failure: MessagingError?
        private let published = Mutex<[(Message, Destination, PublishGuarantee)]>([])

        init(failing failure: MessagingError? = nil) {
            self.failure = failure
        }

        func publish(
            _ message: Message,
            to destination: Destination,
            guarantee: PublishGuarantee,
            completion: Completion
        ) {
            if let failure { return completion(.failure(failure)) }
            published.withLock { $0.append((message, destination, guarantee)) }
            completion(.success(()))
        }

        func consume(
            _ subscription: Subscription,
            handler: @escaping @Sendable (Delivery) async -> Settlement
        ) async throws(MessagingError) {}

        var all: [(message: Message, destination: Destination, guarantee: PublishGuarantee)] {
            published.withLock { $0.map { ($0.0, $0.1, $0.2) } }
        }
    }

    private let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    private func delivery(_ body: String, key: String = "k") -> Delivery {
        Delivery(
            message: Message(body: Array(body.utf8), messageID: "id"),
            source: Destination(exchange: Topology.Exchange.events, routingKey: key),
            queue: Topology.Queue.realtimeEvents,
            redelivered: false
        )
    }

    private func envelope(_ type: String, _ payload: String) -> String {
        #"{"event_type":"\#(type)","event_id":"7f0c2a56-0d5e-4b5e-9f3a-2f1f1c9f0a01","#
            + #""timestamp":"2024-01-01T00:00:00Z","source":"t","payload":\#(payload)}"#
    }

    private let broadcast = #"{"topic":"chat:room:1","event":"e","payload":{}}"#

    /// Has a relay handle each body, one after the other, and publishes what it wants to.
    private func relay(_ outbox: Outbox, _ bodies: String...) async throws -> Settlement? {
        let database = try SQLiteDatabase(path: TestFiles.newPath(), logger: logger)
        try await database.migrate([MessagingSchema.component, ConversationSchema.component])
        let durable = Messaging.Outbox(
            database: database,
            publisher: outbox,
            service: "t",
            instance: "t",
            logger: logger
        )
        let inbox = Inbox(database: database, outbox: durable, logger: logger)
        let relay = NodeRelay(
            consumer: outbox,
            inbox: inbox,
            conversations: SQLConversationStore.transaction,
            notifications: SQLNotificationStore.transaction
        )
        var settlement: Settlement?
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await durable.run() }
            for body in bodies { settlement = await relay.handlers.handle(delivery(body)) }
            group.cancelAll()
            try await group.waitForAll()
        }
        return settlement
    }

    @Test func `an event is handed to the nodes as it came`() async throws {
        let outbox = Outbox()
        let body = envelope("realtime.broadcast", broadcast)
        #expect(try await relay(outbox, body) == .acknowledge)
        let published = try #require(outbox.all.first)
        let relayed = try Envelope(parsing: published.message.body)
        #expect(try relayed == Envelope(parsing: delivery(body).message.body))
        #expect(published.message.messageID == "7f0c2a56-0d5e-4b5e-9f3a-2f1f1c9f0a01")
        #expect(published.destination == Destination(exchange: "realtime.nodes", routingKey: "realtime.broadcast"))
        #expect(published.guarantee == .confirmed)
    }

    @Test func `an event that comes twice is handed on once`() async throws {
        let outbox = Outbox()
        let body = envelope("realtime.broadcast", broadcast)
        #expect(try await relay(outbox, body, body) == .acknowledge)
        #expect(outbox.all.count == 1)
    }

    @Test func `an event in another form is handed on as an envelope`() async throws {
        let outbox = Outbox()
        let body = #"{"specversion":"1.0","type":"realtime.broadcast","source":"/s","id":"1","data":\#(broadcast)}"#
        #expect(try await relay(outbox, body) == .acknowledge)
        let published = try #require(outbox.all.first)
        let relayed = try Envelope(parsing: published.message.body)
        #expect(relayed.eventType == "realtime.broadcast")
        #expect(published.message.messageID == relayed.eventID.lowercased)
    }

    @Test(arguments: [
        ("not json", "not JSON"),
        ("{}", "event_type"),
        (#"{"event_type":"media.ready"}"#, "timestamp"),
    ])
    func `what cannot be read is parked with the reason`(_ body: String, _ reason: String) async throws {
        guard case .park(let parked) = try await relay(Outbox(), body) else {
            Issue.record("not parked")
            return
        }
        #expect(parked.contains(reason))
    }

    @Test func `a type that is not for clients is parked, a wrong field is named`() async throws {
        #expect(try await relay(Outbox(), envelope("order.paid", "{}"))?.isParked == true)
        guard case .park(let reason) = try await relay(Outbox(), envelope("media.ready", #"{"media_id":7}"#)) else {
            Issue.record("not parked")
            return
        }
        #expect(reason == "payload.media_id: expected string, got integer")
    }

    // MARK: The node's own queue

    private func node(_ diary: Diary) throws -> NodeFeed {
        let database = try SQLiteDatabase(path: TestFiles.newPath(), logger: logger)
        let conversations = Conversations(store: SQLConversationStore(database: database), audience: diary)
        return NodeFeed(
            consumer: diary,
            feed: RealtimeFeed(broadcaster: diary),
            doorkeeper: Doorkeeper(conversations: conversations, clients: diary, node: "n1"),
            instance: "n1",
            logger: logger
        )
    }

    @Test func `a node shows what all nodes get, and progress`() async throws {
        let diary = Diary()
        let feed = try node(diary)
        #expect(
            feed.subscription.source
                == .exclusive(
                    name: "realtime.node.n1",
                    bindings: [
                        Subscription.Binding(exchange: "realtime.nodes", pattern: "#"),
                        Subscription.Binding(exchange: "events", pattern: "media.progress"),
                    ]
                )
        )
        #expect(await feed.handle(delivery(envelope("realtime.broadcast", broadcast))) == .acknowledge)
        #expect(diary.lines == ["chat:room:1 e {}"])
    }

    @Test(arguments: ["not json", "{}"], ["k", "conversation.changed"])
    func `a node drops what it cannot read`(_ body: String, _ key: String) async throws {
        let diary = Diary()
        #expect(await (try node(diary)).handle(delivery(body, key: key)) == .acknowledge)
        #expect(diary.lines == [])
    }
}

extension Settlement {
    fileprivate var isParked: Bool {
        if case .park = self { true } else { false }
    }
}
