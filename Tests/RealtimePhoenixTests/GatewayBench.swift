import EventSchema
import Logging
import Persistence
import PersistenceTesting
import RealtimeDomain
import RealtimeHTTP
import RealtimeStore
import RealtimeTesting
import ServiceLifecycle

@testable import RealtimePhoenix

/// The gateway's Phoenix side over real sockets, on a database of its own; its clock stands still.
struct GatewayBench {
    let server: TestServer
    let feed: RealtimeFeed
    let conversations: Conversations
    let store: SQLConversationStore

    /// Has a backend's word take effect, as a node does that hears of it.
    func describe(_ update: ConversationUpdate) async throws {
        let change = try await store.write { try ConversationEditor($0, at: .now).save(update) }
        await doorkeeper.apply(change)
    }

    func apply(_ update: MemberUpdate) async throws {
        let change = try await store.write { try ConversationEditor($0, at: .now).apply(update) }
        await doorkeeper.apply(change)
    }

    private var doorkeeper: Doorkeeper {
        Doorkeeper(conversations: conversations, clients: server.hub, node: "n1")
    }

    /// A client that is `user`, as long as `body` runs.
    func connect(
        _ user: String,
        version: String = "2.0.0",
        _ body: (WireClient) async throws -> Void
    ) async throws {
        let target = "/socket/websocket?token=\(user)&vsn=\(version)"
        try await WireClient.withWebSocket(port: server.port, target, body)
    }
}

extension WireClient {
    /// The next frame as JSON.
    func json() async throws -> JSONValue {
        let received = await next()
        guard case .text(let text) = received else { throw SchemaError(.notJSON, "\(received)") }
        return try JSONParser.parse(text)
    }

    /// The next frame of version 2 that brings `event`; others are passed over.
    func event(_ event: String) async throws -> JSONValue {
        while true {
            let frame = try await json()
            if case .array(let elements) = frame, elements.count == 5, elements[3] == .string(event) {
                return elements[4]
            }
        }
    }
}

func withGateway(
    limits: ChannelLimits = ChannelLimits(),
    rules: ConversationRules = ConversationRules(),
    access: ConversationAccess = ConversationAccess(),
    tokens: FakeTokens = FakeTokens(),
    _ body: (GatewayBench) async throws -> Void
) async throws {
    let noon = Timestamp(milliseconds: 1_704_110_400_000)
    let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
    let database = try await DatabaseURL("sqlite://\(TestFiles.newPath())").open(logger: logger)
    try await database.migrate([ConversationSchema.component])
    let store = SQLConversationStore(database: database)
    var parts: (feed: RealtimeFeed, conversations: Conversations)?
    var writing: Task<Void, Never>?
    let serving = Task { try await database.run() }
    let result = await Swift.Result {
        try await withTestServer { hub in
            let feed = RealtimeFeed(broadcaster: hub, users: UserBroadcasts(hub: hub))
            let conversations = Conversations(
                store: store,
                audience: ConversationBroadcasts(hub: hub),
                rules: rules,
                access: access,
                clients: hub,
                now: { noon }
            )
            writing = Task { await conversations.run() }
            parts = (feed, conversations)
            let channels = GatewayChannels(feed: feed, conversations: conversations, limits: limits, now: { noon })
            let application = PhoenixApplication(
                hub: hub,
                router: channels.router,
                presence: PresenceTracker(
                    hub: hub,
                    window: .milliseconds(5),
                    onChange: ChannelArrivals(hub: hub, limits: limits).tell
                )
            )
            return [PhoenixEndpoint(application: application, tokens: tokens)]
        } _: { server in
            guard let parts else { return }
            try await body(
                GatewayBench(server: server, feed: parts.feed, conversations: parts.conversations, store: store)
            )
        }
    }
    parts?.conversations.finish()
    await writing?.value
    serving.cancel()
    _ = try? await serving.value
    try result.get()
}

extension Swift.Result where Failure == any Error {
    fileprivate init(_ body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}
