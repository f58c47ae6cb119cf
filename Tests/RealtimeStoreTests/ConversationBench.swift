import EventSchema
import Foundation
import Logging
import Persistence
import PersistenceTesting
import RealtimeDomain
import ServiceLifecycle
import Synchronization

@testable import RealtimeStore

/// The two databases on which conversations are kept.
enum Engine: CaseIterable, Sendable {
    case sqlite, postgres

    /// An empty database with the gateway's tables.
    func open() async throws -> any Database {
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        let database = try await DatabaseURL(try await url()).open(logger: logger)
        try await database.migrate([ConversationSchema.component])
        return database
    }

    private func url() async throws -> String {
        switch self {
        case .sqlite: return "sqlite://\(TestFiles.newPath())"
        case .postgres: return try await PrivatePostgres.shared().makeDatabase()
        }
    }
}

/// Notes what it is told.
final class Listener: ConversationAudience {
    private let events = Mutex<[ConversationEvent]>([])

    func tell(_ event: ConversationEvent, in conversation: ConversationKey) {
        events.withLock { $0.append(event) }
    }

    var heard: [ConversationEvent] { events.withLock { $0 } }

    /// The seqs of the messages, in the order in which they were told.
    var seqs: [Int64] {
        heard.compactMap { if case .posted(let message) = $0 { message.seq } else { nil } }
    }
}

/// Conversations at work on a database.
struct ConversationBench {
    static let noon = Timestamp(milliseconds: 1_704_110_400_000)

    let conversations: Conversations
    let listener: Listener
    let store: SQLConversationStore
    var key = ConversationKey(.channel, "general")

    /// The same at another place.
    func at(_ kind: ConversationKey.Kind, _ id: String) -> ConversationBench {
        var bench = self
        bench.key = ConversationKey(kind, id)
        return bench
    }

    static func run(
        _ engine: Engine,
        rules: ConversationRules = ConversationRules(),
        access: ConversationAccess = ConversationAccess(),
        clients: (any ConnectedClients)? = nil,
        tellNodes: @escaping SQLConversationStore.TellNodes = { _, _ in },
        through wrap: (any ConversationStore) -> any ConversationStore = { $0 },
        _ body: (ConversationBench) async throws -> Void
    ) async throws {
        let database = try await engine.open()
        let listener = Listener()
        let noon = noon
        let store = SQLConversationStore(database: database, tellNodes: tellNodes)
        let conversations = Conversations(
            store: wrap(store),
            audience: listener,
            rules: rules,
            access: access,
            clients: clients,
            now: { noon }
        )
        let serving = Task { try await database.run() }
        let writing = Task { await conversations.run() }
        let result = await Result {
            try await body(ConversationBench(conversations: conversations, listener: listener, store: store))
        }
        conversations.finish()
        await writing.value
        serving.cancel()
        _ = try? await serving.value
        try result.get()
    }

    /// Carries out a command and waits for what comes of it.
    func perform(
        _ command: ConversationCommand,
        by user: String = "alice",
        roles: Set<String> = [],
        after delay: Duration = .zero
    ) async throws(Refusal) -> ConversationEvent {
        let identity = Identity(userID: user, name: user.capitalized, roles: roles)
        let at = Timestamp(milliseconds: Self.noon.milliseconds + delay.components.seconds * 1000)
        let request = ConversationRequest(command, in: key, by: identity, at: at)
        let result = await withCheckedContinuation { continuation in
            conversations.perform(request) { continuation.resume(returning: $0) }
        }
        return try result.get()
    }

    func draft(_ text: String, by user: String = "alice", _ more: String = "") throws -> MessageDraft {
        let payload = #"{"content":\#(JSONValue.string(text))\#(more)}"#
        let identity = Identity(userID: user, name: user.capitalized)
        return try MessageDraft(Array(payload.utf8).span, in: key, author: identity, at: Self.noon)
    }

    @discardableResult
    func say(
        _ text: String,
        by user: String = "alice",
        roles: Set<String> = [],
        after delay: Duration = .zero,
        _ more: String = ""
    ) async throws -> StoredMessage {
        let command = ConversationCommand.send(try draft(text, by: user, more))
        guard case .posted(let message) = try await perform(command, by: user, roles: roles, after: delay) else {
            throw Refusal(.notFound, "no message")
        }
        return message
    }

    func arrive(
        _ user: String = "alice",
        roles: Set<String> = [],
        since resume: ResumePoint? = nil
    ) async throws -> Arrival {
        try await conversations.arrival(at: key, of: Identity(userID: user, roles: roles), since: resume)
    }

    /// Describes the place, as a node does that hears of it.
    func describe(owner: String) async throws {
        let update = ConversationUpdate(key, ownerID: owner)
        _ = try await store.write { try ConversationEditor($0, at: Self.noon).save(update) }
        conversations.changed(key)
    }
}

extension Result where Failure == any Error {
    init(_ body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}
