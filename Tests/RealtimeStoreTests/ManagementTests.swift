import EventSchema
import Foundation
import RealtimeDomain
import ServiceLifecycle
import Testing

@testable import RealtimeStore

/// What backends do to conversations, on both databases.
@Suite(.timeLimit(.minutes(2))) struct ManagementTests {
    private let noon = ConversationBench.noon
    private let key = ConversationKey(.channel, "general")

    /// Runs `body` on a store with nothing in it.
    private func withStore(_ engine: Engine, _ body: (SQLConversationStore) async throws -> Void) async throws {
        let database = try await engine.open()
        let serving = Task { try await database.run() }
        let result = await Result { try await body(SQLConversationStore(database: database)) }
        serving.cancel()
        _ = try? await serving.value
        try result.get()
    }

    private func save(_ update: ConversationUpdate, _ store: SQLConversationStore) async throws -> ConversationChange {
        try await store.write { [noon] in try ConversationEditor($0, at: noon).save(update) }
    }

    private func change(
        _ user: String,
        isAdded: Bool,
        name: String? = nil,
        _ store: SQLConversationStore
    ) async throws -> MembershipChange {
        let update = MemberUpdate(key, userID: user, isAdded: isAdded, name: name)
        return try await store.write { [noon] in try ConversationEditor($0, at: noon).apply(update) }
    }

    private func overview(_ store: SQLConversationStore) async throws -> ConversationOverview? {
        try await store.read { [key] in try ConversationOverview(key, in: $0) }
    }

    @Test(arguments: Engine.allCases)
    func `a conversation is described, and what is left out later stays`(_ engine: Engine) async throws {
        try await withStore(engine) { store in
            let update = ConversationUpdate(
                key,
                name: "General \u{1F600}",
                access: .private,
                description: "All of us",
                workspaceID: "w",
                ownerID: "bob",
                members: ["bob", "alice"]
            )
            let first = try await save(update, store)
            #expect(first.previous == nil)
            #expect(first.current?.access == .private)
            let second = try await save(ConversationUpdate(key, name: "Renamed"), store)
            #expect(second.previous == first.current)
            let known = try #require(try await overview(store))
            #expect(known.conversation == second.current)
            #expect(known.conversation.name == "Renamed")
            #expect(known.conversation.access == .private)
            #expect(known.conversation.description == "All of us")
            #expect(known.conversation.workspaceID == "w")
            #expect(known.conversation.ownerID == "bob")
            #expect(known.members == ["alice", "bob"])
            #expect((known.memberCount, known.lastSeq) == (2, 0))
        }
    }

    @Test(arguments: Engine.allCases)
    func `one without a name is called by its id, and is public`(_ engine: Engine) async throws {
        try await withStore(engine) { store in
            let current = try await save(ConversationUpdate(key), store).current
            #expect(current == Conversation(key, name: "general", access: .public))
            #expect(try await overview(store)?.members == [])
        }
    }

    @Test(arguments: Engine.allCases)
    func `a list of members takes the place of those that there were`(_ engine: Engine) async throws {
        try await withStore(engine) { store in
            let many = (0..<10_000).map { "user-\($0)" }
            _ = try await save(ConversationUpdate(key, members: many), store)
            #expect(try await overview(store)?.memberCount == 10_000)
            let others = Array(many[9_950...]) + ["new"]
            _ = try await save(ConversationUpdate(key, members: others), store)
            #expect(try await overview(store)?.members == others.sorted())
            _ = try await save(ConversationUpdate(key), store)
            #expect(try await overview(store)?.memberCount == 51)
            _ = try await save(ConversationUpdate(key, members: []), store)
            #expect(try await overview(store)?.memberCount == 0)
        }
    }

    @Test(arguments: Engine.allCases)
    func `a member is added once and removed once, even before there is a description`(_ engine: Engine) async throws {
        try await withStore(engine) { store in
            #expect(try await change("bob", isAdded: true, store).isNews)
            #expect(try await overview(store) == nil)
            #expect(try await save(ConversationUpdate(key, workspaceID: "w"), store).previous == nil)
            #expect(try await !change("bob", isAdded: true, store).isNews)
            #expect(try await overview(store)?.members == ["bob"])
            let removal = try await change("bob", isAdded: false, store)
            #expect(removal.isNews)
            #expect(removal.workspaceID == "w")
            #expect(try await !change("bob", isAdded: false, store).isNews)
        }
    }

    @Test(arguments: Engine.allCases)
    func `a member is shown as the backend says, else as the last token said`(_ engine: Engine) async throws {
        try await withStore(engine) { store in
            let bob = Profile(userID: "bob", name: "Bob", avatarURL: "https://x/b.png")
            try await store.write { [noon] in try $0.save(bob, at: noon) }
            #expect(try await change("bob", isAdded: true, store).user == bob)
            let named = try await change("bob", isAdded: false, name: "Robert", store)
            #expect(named.user == Profile(userID: "bob", name: "Robert", avatarURL: "https://x/b.png"))
            #expect(try await change("eve", isAdded: true, store).user.name == "eve")
        }
    }

    @Test(arguments: Engine.allCases)
    func `of a deleted conversation nothing is left but the number of its last message`(_ engine: Engine) async throws {
        try await ConversationBench.run(engine) { bench in
            let store = bench.store
            let other = ConversationKey(.room, "general")
            _ = try await save(ConversationUpdate(other, members: ["zoe"]), store)
            _ = try await save(ConversationUpdate(key, access: .private, members: ["alice"]), store)
            let message = try await bench.say("hello")
            _ = try await bench.perform(.react(message: message.id, emoji: ":wave:"))
            _ = try await bench.perform(.markRead(message: message.id))
            let deletion = try await store.write { [noon, key] in try ConversationEditor($0, at: noon).delete(key) }
            #expect(deletion.existed)
            #expect(deletion.change.previous?.access == .private)
            #expect(deletion.change.current == nil)
            #expect(try await overview(store) == nil)
            #expect(try await bench.conversations.page(of: key) == [])
            #expect(try await bench.conversations.readReceipt(of: "alice", in: key) == nil)
            let (isAlice, isZoe) = try await store.read { [key] transaction in
                (try transaction.isMember("alice", of: key), try transaction.isMember("zoe", of: other))
            }
            #expect(!isAlice)
            #expect(isZoe)
            bench.conversations.changed(key)
            #expect(try await bench.arrive("eve").seq == 1)
            let again = try await store.write { [noon, key] in try ConversationEditor($0, at: noon).delete(key) }
            #expect(!again.existed)
            #expect(try await bench.say("again").seq == 2)
            let nothing = ConversationKey(.room, "never")
            let missed = try await store.write { [noon] in try ConversationEditor($0, at: noon).delete(nothing) }
            #expect(!missed.existed)
        }
    }

    @Test(arguments: Engine.allCases)
    func `conversations are found by id, and listed page by page`(_ engine: Engine) async throws {
        try await withStore(engine) { store in
            for index in 1...5 {
                let key = ConversationKey(.channel, "c\(index)")
                _ = try await save(ConversationUpdate(key, workspaceID: index % 2 == 1 ? "w" : nil), store)
            }
            _ = try await save(ConversationUpdate(ConversationKey(.room, "c1")), store)
            let (kinds, first, rest, all) = try await store.read { transaction in
                (
                    try transaction.kinds(of: "c1"),
                    try transaction.conversations(ofWorkspace: "w", after: "", limit: 2).map(\.key.id),
                    try transaction.conversations(ofWorkspace: "w", after: "channel:c3", limit: 2).map(\.key.id),
                    try transaction.conversations(ofWorkspace: nil, after: "channel:c4", limit: 9).map(
                        \.key.description
                    )
                )
            }
            #expect(kinds == [.channel, .room])
            #expect(first == ["c1", "c3"])
            #expect(rest == ["c5"])
            #expect(all == ["channel:c5", "room:c1"])
        }
    }

    @Test(arguments: Engine.allCases)
    func `of many who describe it at once one is the first`(_ engine: Engine) async throws {
        try await withStore(engine) { store in
            let changes = try await withThrowingTaskGroup(of: ConversationChange.self) { group in
                for index in 0..<20 {
                    group.addTask { try await save(ConversationUpdate(key, name: "\(index)"), store) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(changes.count { $0.previous == nil } == 1)
        }
    }

    @Test(arguments: Engine.allCases)
    func `only members and admins come to a private conversation`(_ engine: Engine) async throws {
        try await ConversationBench.run(engine) { bench in
            _ = try await bench.arrive("eve")
            _ = try await save(ConversationUpdate(key, access: .private, members: ["alice"]), bench.store)
            bench.conversations.changed(key)
            #expect(bench.conversations.arrival(at: key, since: nil) == nil)
            await #expect(throws: Refusal.noAccess) { try await bench.arrive("eve") }
            #expect(try await bench.arrive("alice").conversation.access == .private)
            let admin = Identity(userID: "root", roles: ["admin"])
            #expect(try await bench.conversations.arrival(at: key, of: admin, since: nil).seq == 0)
        }
    }

    /// A backend that has let alice in everywhere, a moment ago.
    private struct Backend: ConversationAuthorizer {
        func admits(_ identity: Identity, to conversation: ConversationKey) async throws(Refusal) -> Bool {
            identity.userID == "alice"
        }

        func remembers(_ identity: Identity, at conversation: ConversationKey) -> Bool { identity.userID == "alice" }
    }

    @Test func `whom a backend has let in a moment ago nobody is asked about`() async throws {
        let access = ConversationAccess(authorizer: Backend())
        try await ConversationBench.run(.sqlite, access: access) { bench in
            _ = try await save(ConversationUpdate(key, access: .private, members: ["bob"]), bench.store)
            #expect(try await bench.arrive("alice").conversation.access == .private)
            await #expect(throws: Refusal.noAccess) { try await bench.arrive("bob") }
            let (alice, bob) = (Identity(userID: "alice"), Identity(userID: "bob"))
            #expect(bench.conversations.arrival(at: key, since: nil, for: alice)?.seq == 0)
            #expect(bench.conversations.arrival(at: key, since: nil, for: bob) == nil)
            #expect(bench.conversations.arrival(at: key, since: nil) == nil)
        }
    }
}
