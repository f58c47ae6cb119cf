import EventSchema
import Foundation
import RealtimeDomain
import Synchronization
import Testing

@testable import RealtimeStore

/// Sanctions, on both databases.
@Suite(.timeLimit(.minutes(2))) struct ModerationTests {
    /// Notes who is sent away from where.
    private final class Door: ConnectedClients {
        private let expelled = Mutex<[String]>([])

        var lines: [String] { expelled.withLock { $0 } }

        func attendees(of conversation: ConversationKey) async -> Set<String> { [] }

        func expel(
            from conversation: ConversationKey,
            _ expulsion: Expulsion,
            where isToGo: @escaping @Sendable (Identity) -> Bool
        ) async {
            let guests = [
                Identity(userID: "bob"), Identity(userID: "bob", roles: ["moderator"]), Identity(userID: "carol"),
            ]
            let gone = guests.filter(isToGo).map { $0.roles.isEmpty ? $0.userID : "moderator" }
            expelled.withLock { $0.append("\(gone.joined()) from \(conversation) \(expulsion)") }
        }

        func disconnect(_ userID: String) -> Int { 0 }
    }

    private func refusal(_ body: () async throws -> some Any) async -> Refusal? {
        do {
            _ = try await body()
            return nil
        } catch {
            return error as? Refusal
        }
    }

    private func mute(_ user: String, _ seconds: Int64? = nil) -> ConversationCommand {
        .moderate(.mute(user: user, reason: nil, seconds: seconds))
    }

    private func ban(_ user: String, _ seconds: Int64? = nil) -> ConversationCommand {
        .moderate(.ban(user: user, reason: "spam", seconds: seconds))
    }

    @Test(arguments: Engine.allCases)
    func `a muted user may listen but not speak until it is over`(_ engine: Engine) async throws {
        try await ConversationBench.run(engine) { bench in
            let bench = bench.at(.stream, "s")
            let event = try await bench.perform(mute("bob", 300), by: "mod", roles: ["moderator"])
            guard case .moderated(let told) = event else { throw Refusal(.notFound, "no event") }
            #expect((told.userID, told.duration, told.moderator.name) == ("bob", 300, "Mod"))
            #expect(told.until?.description == "2024-01-01T12:05:00Z")
            let muted = Refusal(.muted, "You are muted here", retryAfter: .seconds(300))
            #expect(await refusal { try await bench.say("hey", by: "bob") } == muted)
            let later = await refusal { try await bench.say("hey", by: "bob", after: .seconds(299)) }
            #expect(later?.retryAfter == .seconds(1))
            #expect(later?.json["retry_after"] == 1000)
            // Neither the others nor other places are concerned, but whatever else has the same id is.
            try await bench.say("hello")
            try await bench.at(.stream, "t").say("hello", by: "bob")
            #expect(await refusal { try await bench.at(.room, "s").say("hey", by: "bob") } == muted)
            #expect(try await bench.arrive("bob").seq == 1)
            #expect(try await bench.say("at last", by: "bob", after: .seconds(300)).seq == 2)
            _ = try await bench.perform(mute("bob"), by: "mod", roles: ["moderator"])
            #expect(await refusal { try await bench.say("hey", by: "bob") } == Refusal(.muted, "You are muted here"))
            _ = try await bench.perform(.moderate(.unmute(user: "bob")), by: "mod", roles: ["admin"])
            #expect(try await bench.say("free", by: "bob").seq == 3)
        }
    }

    @Test(arguments: Engine.allCases)
    func `what is not stored is refused to who may not speak, too`(_ engine: Engine) async throws {
        try await ConversationBench.run(engine) { bench in
            let bench = bench.at(.stream, "s")
            let bob = Identity(userID: "bob")
            _ = try await bench.perform(mute("bob", 300), by: "mod", roles: ["moderator"])
            let muted = Refusal(.muted, "You are muted here", retryAfter: .seconds(300))
            // As this node knows it, and as one that has to look it up.
            let other = Conversations(store: bench.store, audience: Listener(), now: { ConversationBench.noon })
            for conversations in [bench.conversations, other, other] {
                await #expect(throws: muted) { try await conversations.checkMaySpeak(bob, in: bench.key) }
                try await conversations.checkMaySpeak(Identity(userID: "carol"), in: bench.key)
                try await conversations.checkMaySpeak(bob, in: ConversationKey(.channel, "s"))
                try await conversations.checkMaySpeak(Identity(userID: "bob", roles: ["admin"]), in: bench.key)
            }
        }
    }

    @Test(arguments: Engine.allCases)
    func `a banned user is sent away, may not come back and may not speak`(_ engine: Engine) async throws {
        let door = Door()
        try await ConversationBench.run(engine, clients: door) { bench in
            let bench = bench.at(.room, "r")
            _ = try await bench.arrive("bob")
            #expect(bench.conversations.arrival(at: bench.key, since: nil, for: Identity(userID: "bob")) != nil)
            _ = try await bench.perform(ban("bob", 60), by: "mod", roles: ["moderator"])
            // Answered before they go: what is asked next waits for it.
            _ = try await bench.perform(mute("x"), by: "mod", roles: ["moderator"])
            #expect(door.lines == ["bob from room:r forGood", "bob from stream:r forGood"])
            let banned = Refusal(.banned, "You are banned here", retryAfter: .seconds(60))
            #expect(bench.conversations.arrival(at: bench.key, since: nil, for: Identity(userID: "bob")) == nil)
            #expect(await refusal { try await bench.arrive("bob") } == banned)
            #expect(await refusal { try await bench.say("hey", by: "bob") } == banned)
            #expect(bench.conversations.arrival(at: bench.key, since: nil, for: Identity(userID: "carol")) != nil)
            // Who is known as a moderator is not bound.
            _ = try await bench.arrive("bob", roles: ["moderator"])
            try await bench.say("hey", by: "bob", roles: ["moderator"])
            _ = try await bench.perform(.moderate(.unban(user: "bob")), by: "mod", roles: ["moderator"])
            _ = try await bench.arrive("bob")
        }
    }

    @Test(arguments: Engine.allCases)
    func `what was decided outlives the process`(_ engine: Engine) async throws {
        try await ConversationBench.run(engine) { bench in
            let bench = bench.at(.stream, "s")
            for command in [ban("bob"), mute("carol", 60), .moderate(.slowMode(interval: 5))] {
                _ = try await bench.perform(command, by: "mod", roles: ["moderator"])
            }
            _ = try await bench.perform(ban("dave", 60), by: "mod", roles: ["moderator"])
            let other = Conversations(store: bench.store, audience: Listener(), now: { ConversationBench.noon })
            await #expect(throws: Refusal(.banned, "You are banned here")) {
                try await other.arrival(at: bench.key, of: Identity(userID: "bob"), since: nil)
            }
            let stored = try await bench.store.read { transaction in
                try transaction.sanctions(
                    in: "s",
                    at: Timestamp(milliseconds: ConversationBench.noon.milliseconds + 60_000),
                    limit: 10
                )
            }
            #expect(
                Set(stored) == [
                    Sanction(.ban, of: "bob", reason: "spam", moderatorID: "mod", at: ConversationBench.noon),
                    Sanction(.slowMode, of: "", moderatorID: "mod", at: ConversationBench.noon, interval: 5),
                ]
            )
        }
    }

    @Test(arguments: Engine.allCases)
    func `in slow mode everybody waits but for moderators and the owner`(_ engine: Engine) async throws {
        try await ConversationBench.run(engine) { bench in
            let bench = bench.at(.stream, "s")
            try await bench.describe(owner: "olga")
            _ = try await bench.perform(.moderate(.slowMode(interval: 10)), by: "olga")
            try await bench.say("1", by: "bob")
            let slow = Refusal(
                .slowMode,
                "Slow mode: wait 7 seconds between two messages",
                retryAfter: .seconds(7)
            )
            #expect(await refusal { try await bench.say("2", by: "bob", after: .seconds(3)) } == slow)
            // What was refused does not count.
            try await bench.say("2", by: "bob", after: .seconds(10))
            try await bench.say("1", by: "carol")
            for user in ["olga", "mod"] {
                for _ in 0..<2 { try await bench.say("quick", by: user, roles: user == "mod" ? ["moderator"] : []) }
            }
            _ = try await bench.perform(.moderate(.slowMode(interval: nil)), by: "olga")
            for _ in 0..<2 { try await bench.say("quick", by: "bob", after: .seconds(11)) }
        }
    }

    @Test(arguments: Engine.allCases)
    func `of messages in one lot those behind a sanction are refused`(_ engine: Engine) async throws {
        try await ConversationBench.run(engine) { bench in
            let bench = bench.at(.room, "r")
            let outcomes = Mutex<[Int: String]>([:])
            let commands: [(ConversationCommand, String)] = [
                (.send(try bench.draft("1", by: "bob")), "bob"), (mute("bob"), "mod"),
                (.send(try bench.draft("2", by: "bob")), "bob"), (.send(try bench.draft("3", by: "eve")), "eve"),
                (.send(try bench.draft("4", by: "bob")), "bob"), (.moderate(.slowMode(interval: 9)), "mod"),
                (.send(try bench.draft("5", by: "eve")), "eve"), (.send(try bench.draft("6", by: "eve")), "eve"),
                // All that follow at once are refused, each for its own reason.
                (.moderate(.slowMode(interval: 8)), "mod"), (.send(try bench.draft("7", by: "bob")), "bob"),
                (.send(try bench.draft("8", by: "eve")), "eve"), (.send(try bench.draft("9", by: "bob")), "bob"),
            ]
            await withTaskGroup(of: Void.self) { group in
                for (index, (command, user)) in commands.enumerated() {
                    let identity = Identity(userID: user, roles: user == "mod" ? ["moderator"] : [])
                    let request = ConversationRequest(command, in: bench.key, by: identity, at: ConversationBench.noon)
                    let (done, finish) = AsyncStream.makeStream(of: Void.self)
                    bench.conversations.perform(request) { result in
                        let word =
                            switch result {
                            case .success(.posted(let message)): "\(message.seq)"
                            case .success: "done"
                            case .failure(let refusal): refusal.reason.rawValue
                            }
                        outcomes.withLock { $0[index] = word }
                        finish.finish()
                    }
                    group.addTask { for await _ in done {} }
                }
            }
            let words = outcomes.withLock { outcomes in commands.indices.map { outcomes[$0] ?? "" } }
            #expect(
                words == [
                    "1", "done", "muted", "2", "muted", "done", "3", "slow_mode", "done", "muted", "slow_mode", "muted",
                ]
            )
            #expect(bench.listener.seqs == [1, 2, 3])
        }
    }

    @Test(arguments: Engine.allCases)
    func `moderators and the owner may moderate, and nobody is set above them`(_ engine: Engine) async throws {
        try await ConversationBench.run(engine) { bench in
            let stream = bench.at(.stream, "s")
            try await stream.describe(owner: "olga")
            let message = try await stream.say("spam", by: "bob")
            #expect(await refusal { try await stream.perform(ban("bob"), by: "carol") }?.reason == .forbidden)
            #expect(
                await refusal { try await stream.perform(.delete(message: message.id), by: "carol") }?.reason
                    == .forbidden
            )
            _ = try await stream.perform(ban("bob"), by: "olga")
            _ = try await stream.perform(.delete(message: message.id), by: "olga")
            // Owning the stream is not owning a room that has its id.
            #expect(await refusal { try await bench.at(.room, "s").perform(ban("x"), by: "olga") } != nil)
            let moderator: Set<String> = ["moderator"]
            #expect(
                await refusal { try await stream.perform(ban("olga"), by: "mod", roles: moderator) }
                    == Refusal(.forbidden, "Only an admin may do that to the owner")
            )
            #expect(
                await refusal { try await stream.perform(mute("mod"), by: "mod", roles: moderator) }
                    == Refusal(.forbidden, "Nobody may do that to themselves")
            )
            _ = try await stream.perform(mute("olga"), by: "root", roles: ["admin"])
            #expect(await refusal { try await stream.say("no!", by: "olga") }?.reason == .muted)
            #expect(
                await refusal { try await bench.perform(ban("bob"), by: "mod", roles: moderator) }
                    == Refusal(.forbidden, "Only rooms and streams are moderated")
            )
        }
    }

    @Test(arguments: [
        (ModerationAction.ban(user: "a b", reason: nil, seconds: nil), "target_user_id"),
        (.unmute(user: ""), "target_user_id"),
        (.mute(user: "a", reason: nil, seconds: 0), "duration"),
        (.ban(user: "a", reason: nil, seconds: 31_536_001), "duration"),
        (.mute(user: "a", reason: nil, seconds: .max), "duration"),
        (.ban(user: "a", reason: String(repeating: "x", count: 501), seconds: nil), "reason"),
        (.ban(user: "a", reason: "\0", seconds: nil), "reason"),
        (.slowMode(interval: 0), "interval"), (.slowMode(interval: 3601), "interval"),
    ])
    func `what is out of bounds is refused by its field`(_ action: ModerationAction, _ field: String) async throws {
        try await ConversationBench.run(.sqlite) { bench in
            let bench = bench.at(.room, "r")
            let refusal = await refusal { try await bench.perform(.moderate(action), by: "m", roles: ["admin"]) }
            #expect((refusal?.reason, refusal?.field) == (.invalidPayload, field))
        }
    }

    @Test(arguments: Engine.allCases)
    func `who is deleted takes the sanctions along, unless another bears the id`(_ engine: Engine) async throws {
        try await ConversationBench.run(engine) { bench in
            let stream = bench.at(.stream, "s")
            for key in [stream.key, bench.at(.room, "s").key] {
                _ = try await bench.store.write { transaction in
                    try ConversationEditor(transaction, at: ConversationBench.noon).save(ConversationUpdate(key))
                }
            }
            _ = try await stream.perform(mute("bob"), by: "mod", roles: ["moderator"])
            for (kind, left) in [(ConversationKey.Kind.room, 1), (.stream, 0)] {
                let count = try await bench.store.write { transaction in
                    _ = try ConversationEditor(transaction, at: ConversationBench.noon).delete(
                        ConversationKey(kind, "s")
                    )
                    return try transaction.sanctions(in: "s", at: ConversationBench.noon, limit: 10).count
                }
                #expect(count == left)
            }
        }
    }

    @Test func `what the nodes cannot be told of is not done`() async throws {
        let full: SQLConversationStore.TellNodes = { _, _ in throw Refusal.busy }
        try await ConversationBench.run(.sqlite, tellNodes: full) { bench in
            let bench = bench.at(.room, "r")
            #expect(await refusal { try await bench.perform(mute("bob"), by: "m", roles: ["admin"]) } == .busy)
            try await bench.say("still here", by: "bob")
            #expect(bench.listener.heard.count == 1)
        }
    }
}
