import EventSchema
import Testing

@testable import RealtimeDomain
@testable import RealtimeStore

/// Which room or stream an id means, on both databases.
@Suite(.timeLimit(.minutes(2))) struct TalkNamesTests {
    private func describe(_ kind: ConversationKey.Kind, _ bench: ConversationBench) async throws {
        let update = ConversationUpdate(ConversationKey(kind, "1"))
        _ = try await bench.store.write { try ConversationEditor($0, at: .now).save(update) }
        bench.conversations.changed(update.key)
    }

    private func kind(
        _ bench: ConversationBench,
        attended: ConversationKey.Kind? = nil
    ) async throws -> ConversationKey.Kind {
        try await bench.conversations.talk("1") { $0.kind == attended }.kind
    }

    @Test(arguments: Engine.allCases)
    func `it is what a backend has described, the stream before the room`(_ engine: Engine) async throws {
        try await ConversationBench.run(engine) { bench in
            try await describe(.channel, bench)
            #expect(try await kind(bench) == .stream)
            try await bench.at(.stream, "1").say("hello")
            try await describe(.room, bench)
            #expect(try await kind(bench, attended: .stream) == .room)
            try await describe(.stream, bench)
            #expect(try await kind(bench, attended: .room) == .stream)
        }
    }

    @Test(arguments: Engine.allCases)
    func `else it is where clients are, else where something was said, else a stream`(_ engine: Engine) async throws {
        try await ConversationBench.run(engine) { bench in
            #expect(try await kind(bench) == .stream)
            #expect(try await kind(bench, attended: .room) == .room)
            try await bench.at(.room, "1").say("hello")
            #expect(try await kind(bench) == .room)
            #expect(try await kind(bench, attended: .stream) == .stream)
            try await bench.at(.stream, "1").say("hello")
            #expect(try await kind(bench, attended: .room) == .room)
        }
    }

    @Test func `once it was looked up it is known without the store`() async throws {
        try await ConversationBench.run(.sqlite) { bench in
            #expect(bench.conversations.knownTalk("1") { _ in false } == nil)
            _ = try await kind(bench)
            #expect(bench.conversations.knownTalk("1") { _ in false } == ConversationKey(.stream, "1"))
            #expect(bench.conversations.knownTalk("1") { $0.kind == .room } == ConversationKey(.room, "1"))
        }
    }

    @Test func `what changes while it is looked up is not kept as it was`() async throws {
        try await ConversationBench.run(.sqlite) { bench in
            let names = bench.conversations.names
            let revision = names.revision
            bench.conversations.changed(ConversationKey(.room, "1"))
            names.note("1", .nothing, asOf: revision)
            #expect(names.finding("1") == nil)
            names.note("1", .nothing, asOf: names.revision)
            #expect(names.finding("1") == .nothing)
        }
    }

    @Test func `nothing is believed for long, and that there is nothing less`() {
        let names = TalkNames()
        let now = ContinuousClock.now
        names.note("1", .nothing, asOf: names.revision, now: now)
        names.note("2", .described(.room), asOf: names.revision, now: now)
        #expect(names.finding("1", now: now + .seconds(4)) == .nothing)
        #expect(names.finding("1", now: now + .seconds(5)) == nil)
        #expect(names.finding("2", now: now + .seconds(59)) == .described(.room))
        #expect(names.finding("2", now: now + .seconds(60)) == nil)
    }
}
