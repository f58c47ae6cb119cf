import EventSchema
import Persistence
import RealtimeDomain
import ServiceLifecycle
import Testing

@testable import RealtimeStore

/// Clients that may come back to another process, on both databases.
@Suite(.timeLimit(.minutes(2))) struct AbsentClientTests {
    private func at(_ seconds: Int64) -> Timestamp { Timestamp(milliseconds: seconds * 1000) }

    private func client(_ key: String, user: String = "alice", _ state: UInt8 = 1) -> AbsentClient {
        AbsentClient(key: key, userID: user, state: [state])
    }

    private func run(_ engine: Engine, _ body: (SQLAbsentClientStore) async throws -> Void) async throws {
        let database = try await engine.open()
        let serving = Task { try await database.run() }
        let result = await Result { try await body(SQLAbsentClientStore(database: database)) }
        serving.cancel()
        _ = try? await serving.value
        try result.get()
    }

    @Test(arguments: Engine.allCases)
    func `a client comes back once, as it was last`(_ engine: Engine) async throws {
        try await run(engine) { store in
            try await store.note("p1", saving: [client("k", 1), client("other")], removing: [], at: at(100))
            try await store.note("p1", saving: [client("k", 2)], removing: ["other"], at: at(100))
            #expect(try await store.take("k", aliveSince: at(0)) == client("k", 2))
            #expect(try await store.take("k", aliveSince: at(0)) == nil)
            #expect(try await store.take("other", aliveSince: at(0)) == nil)
            #expect(try await store.take("unknown", aliveSince: at(0)) == nil)
        }
    }

    @Test(arguments: Engine.allCases)
    func `whose process has not lived for long does not, however old it is itself`(_ engine: Engine) async throws {
        try await run(engine) { store in
            try await store.note("p1", saving: [client("k"), client("l")], removing: [], at: at(100))
            try await store.note("p2", saving: [client("m")], removing: [], at: at(100))
            try await store.note("p1", saving: [], removing: [], at: at(900))
            #expect(try await store.take("k", aliveSince: at(800)) == client("k"))
            #expect(try await store.take("l", aliveSince: at(901)) == nil)
            #expect(try await store.take("m", aliveSince: at(800)) == nil)
        }
    }

    @Test(arguments: Engine.allCases)
    func `a user who was sent away does not come back anywhere`(_ engine: Engine) async throws {
        try await run(engine) { store in
            let clients = [client("k"), client("l"), client("m", user: "bob")]
            try await store.note("p1", saving: clients, removing: [], at: at(100))
            try await store.removeAll(of: "alice")
            #expect(try await store.take("k", aliveSince: at(0)) == nil)
            #expect(try await store.take("l", aliveSince: at(0)) == nil)
            #expect(try await store.take("m", aliveSince: at(0)) == client("m", user: "bob"))
        }
    }
}
