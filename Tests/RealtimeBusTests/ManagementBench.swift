import EventSchema
import Foundation
import Logging
import Messaging
import Persistence
import PersistenceTesting
import RealtimeDomain
import RealtimeStore
import Synchronization

@testable import RealtimeBus

/// Notes everything that happens, in order: what is published, what clients hear, who is sent away.
final class Diary: MessagePublisher, MessageConsumer, EventBroadcaster, ConnectedClients, ConversationAudience,
    UserAudience, StreamAudience, UserStatusAudience
{
    private struct State {
        var lines: [String] = []
        var published: [(Message, Destination)] = []
        var attendees: Set<String> = []
        /// Who waits for what to have happened.
        var waiters: [(isDue: (State) -> Bool, continuation: CheckedContinuation<Void, Never>)] = []

        mutating func takeDueWaiters() -> [CheckedContinuation<Void, Never>] {
            let due = waiters.map { $0.isDue(self) }
            defer { waiters = zip(waiters, due).filter { !$0.1 }.map(\.0) }
            return zip(waiters, due).filter(\.1).map(\.0.continuation)
        }
    }

    private let state = Mutex(State())

    var lines: [String] { state.withLock { $0.lines } }
    var published: [(message: Message, destination: Destination)] {
        state.withLock { $0.published.map { ($0.0, $0.1) } }
    }

    func clear() { state.withLock { $0.lines = [] } }

    private func note(_ line: String) { change { $0.lines.append(line) } }

    private func change(_ change: (inout State) -> Void) {
        let due = state.withLock { state in
            change(&state)
            return state.takeDueWaiters()
        }
        for waiter in due { waiter.resume() }
    }

    // MARK: The broker

    func publish(
        _ message: Message,
        to destination: Destination,
        guarantee: PublishGuarantee,
        completion: Completion
    ) {
        change { $0.published.append((message, destination)) }
        completion(.success(()))
    }

    func consume(
        _ subscription: Subscription,
        handler: @escaping @Sendable (Delivery) async -> Settlement
    ) async throws(MessagingError) {}

    /// Returns when `count` messages have been published.
    func untilPublished(_ count: Int) async { await until { $0.published.count >= count } }

    /// Returns when `count` lines have been noted.
    func untilNoted(_ count: Int) async { await until { $0.lines.count >= count } }

    private func until(_ isDue: @escaping @Sendable (State) -> Bool) async {
        await withCheckedContinuation { continuation in
            change { $0.waiters.append((isDue, continuation)) }
        }
    }

    // MARK: The clients

    func attend(_ users: String...) { state.withLock { $0.attendees.formUnion(users) } }

    func broadcast(topic: String, event: String, payload: [UInt8], isFleeting: Bool) {
        note("\(topic) \(event) \(String(decoding: payload, as: UTF8.self))")
    }

    func tell(_ event: ConversationEvent, in conversation: ConversationKey) {
        if case .moderated(let event) = event { note("tell \(conversation) \(event.action)") }
    }

    func tell(_ event: StreamEvent) {
        switch event {
        case .live(let event): note("live \(event.streamID) \(event.title) \(event.startedAt)")
        case .offline(let event): note("offline \(event.streamID) \(event.duration ?? -1) \(event.endedAt)")
        case .failed(let event): note("failed \(event.streamID) \(event.error)")
        }
    }

    func tell(_ status: UserStatus, isOnline: Bool) {
        note("\(status.user.name) \(isOnline ? "online" : "offline") \(status.node) \(status.at)")
    }

    func tell(_ event: UserEvent, of userID: String) {
        switch event {
        case .notified(let notification): note("notify \(userID) \(notification.title)")
        case .notificationRead(let id, let at): note("read \(userID) \(id.lowercased) \(at)")
        }
    }

    func attendees(of conversation: ConversationKey) async -> Set<String> { state.withLock { $0.attendees } }

    func expel(
        from conversation: ConversationKey,
        _ expulsion: Expulsion,
        where isToGo: @escaping @Sendable (Identity) -> Bool
    ) async {
        let all = state.withLock { $0.attendees }.sorted()
        let gone = all.filter { isToGo(Identity(userID: $0, roles: $0 == "root" ? ["admin"] : [])) }
        state.withLock { $0.attendees.subtract(gone) }
        if !gone.isEmpty { note("expel \(gone.joined(separator: ",")) from \(conversation) \(expulsion)") }
    }

    func disconnect(_ userID: String) -> Int {
        note("disconnect \(userID)")
        return 1
    }
}

/// A store that can be read until it breaks.
final class BreakableStore: ConversationStore {
    private let store: SQLConversationStore
    private let isBroken = Mutex(false)

    init(_ store: SQLConversationStore) {
        self.store = store
    }

    func breakDown() { isBroken.withLock { $0 = true } }

    func write<Value: Sendable>(
        _ work: @escaping @Sendable (any ConversationTransaction) throws -> Value
    ) async throws -> Value {
        try await store.write(work)
    }

    func read<Value: Sendable>(
        _ work: @escaping @Sendable (any ConversationTransaction) throws -> Value
    ) async throws -> Value {
        if isBroken.withLock({ $0 }) { throw DatabaseError(.unavailable, "broken") }
        return try await store.read(work)
    }
}

/// One node of a gateway, with a database of its own, and clients and a broker that are a ``Diary``.
struct ManagementBench {
    let diary = Diary()
    let database: any Database
    let outbox: Outbox
    let store: BreakableStore
    let conversations: Conversations
    let relay: NodeRelay
    let node: NodeFeed
    let management: OutboxManagement
    let notifications: NotificationInbox
    let messenger: NodeBroadcasts

    private init(authorizer: (any ConversationAuthorizer)?) async throws {
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        database = try SQLiteDatabase(path: TestFiles.newPath(), logger: logger)
        try await database.migrate([MessagingSchema.component, ConversationSchema.component])
        outbox = Outbox(database: database, publisher: diary, service: "t", instance: "n1", logger: logger)
        let announcements = NodeAnnouncements(outbox: outbox, node: "n1")
        store = BreakableStore(SQLConversationStore(database: database, tellNodes: announcements.add))
        notifications = NotificationInbox(
            store: SQLNotificationStore(database: database, tellNodes: announcements.add),
            audience: diary,
            node: "n1"
        )
        messenger = NodeBroadcasts(publisher: diary, node: "n1")
        conversations = Conversations(
            store: store,
            audience: diary,
            access: ConversationAccess(authorizer: authorizer),
            clients: diary
        )
        let doorkeeper = Doorkeeper(conversations: conversations, clients: diary, node: "n1")
        relay = NodeRelay(
            consumer: diary,
            inbox: Inbox(database: database, outbox: outbox, logger: logger),
            conversations: SQLConversationStore.transaction,
            notifications: SQLNotificationStore.transaction
        )
        node = NodeFeed(
            consumer: diary,
            feed: RealtimeFeed(broadcaster: diary, users: diary, streams: diary, statuses: diary, node: "n1"),
            doorkeeper: doorkeeper,
            instance: "n1",
            logger: logger
        )
        management = OutboxManagement(
            database: database,
            outbox: outbox,
            store: store,
            conversations: SQLConversationStore.transaction,
            doorkeeper: doorkeeper,
            clients: diary,
            node: "n1"
        )
    }

    static func run(
        authorizer: (any ConversationAuthorizer)? = nil,
        _ body: (ManagementBench) async throws -> Void
    ) async throws {
        let bench = try await ManagementBench(authorizer: authorizer)
        let publishing = Task { try await bench.outbox.run() }
        let result: Swift.Result<Void, any Error>
        do { result = .success(try await body(bench)) } catch { result = .failure(error) }
        publishing.cancel()
        _ = try? await publishing.value
        try result.get()
    }

    // MARK: Events

    /// Has the relay handle a backend's event, and returns what it thinks of it.
    @discardableResult
    func receive(_ type: String, _ payload: String, id: UUID = UUID()) async -> Settlement {
        let body =
            #"{"event_type":"\#(type)","event_id":"\#(id)","timestamp":"2024-01-01T00:00:00Z","source":"t","#
            + #""payload":\#(payload)}"#
        return await relay.handlers.handle(
            Delivery(
                message: Message(body: Array(body.utf8), messageID: "m"),
                source: Destination(exchange: Topology.Exchange.events, routingKey: type),
                queue: Topology.Queue.realtimeEvents,
                redelivered: false
            )
        )
    }

    /// Has the node handle what nodes were told as the `number`th thing.
    func show(_ number: Int) async {
        await diary.untilPublished(number)
        let (message, destination) = diary.published[number - 1]
        _ = await node.handle(
            Delivery(message: message, source: destination, queue: "realtime.node.n1", redelivered: false)
        )
    }
}
