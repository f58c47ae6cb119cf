import EventSchema
import Foundation
import Messaging
import RealtimeDomain
import Testing

@testable import RealtimeBus

/// What moderators decide, from one node to the others.
@Suite(.timeLimit(.minutes(1))) struct ModerationEventsTests {
    private let key = ConversationKey(.stream, "s")
    private let at = Timestamp.now

    private func decide(_ action: ModerationAction, _ bench: ManagementBench) async throws -> ConversationEvent {
        let moderator = Identity(userID: "mod", name: "Mod", avatarURL: "https://x/m.jpg", roles: ["moderator"])
        let request = ConversationRequest(.moderate(action), in: key, by: moderator, at: at)
        return try await withCheckedContinuation { continuation in
            bench.conversations.perform(request) { continuation.resume(returning: $0) }
        }.get()
    }

    private func deliver(_ event: ModerationEvent, to bench: ManagementBench) async {
        let message = Message(Envelope(event, source: "n2"))
        let source = Destination(exchange: Topology.Exchange.realtimeNodes, routingKey: ModerationEvent.eventType)
        _ = await bench.node.handle(
            Delivery(message: message, source: source, queue: "realtime.node.n1", redelivered: false)
        )
    }

    private func running(_ body: (ManagementBench) async throws -> Void) async throws {
        try await ManagementBench.run { bench in
            let writing = Task { await bench.conversations.run() }
            let result: Swift.Result<Void, any Error>
            do { result = .success(try await body(bench)) } catch { result = .failure(error) }
            bench.conversations.finish()
            await writing.value
            try result.get()
        }
    }

    @Test(arguments: [
        ModerationAction.ban(user: "bob", reason: "spam", seconds: 60), .unban(user: "bob"),
        .mute(user: "bob", reason: nil, seconds: nil), .unmute(user: "bob"), .slowMode(interval: 5),
        .slowMode(interval: nil),
    ])
    func `a decision is told to all nodes, which read it as it was`(_ action: ModerationAction) async throws {
        try await running { bench in
            guard case .moderated(let event) = try await decide(action, bench) else {
                Issue.record("not done")
                return
            }
            await bench.diary.untilPublished(1)
            let (message, destination) = bench.diary.published[0]
            #expect(destination == Destination(exchange: "realtime.nodes", routingKey: "moderation.changed"))
            let heard = try NodeEvents.decode(try Envelope(parsing: message.body)) as? ModerationEvent
            #expect(heard == event)
            #expect(heard?.action == action)
        }
    }

    @Test func `the node that decided tells its clients once and sends the banned away`() async throws {
        try await running { bench in
            bench.diary.attend("alice", "bob")
            _ = try await decide(.ban(user: "bob", reason: nil, seconds: nil), bench)
            await bench.show(1)
            await bench.show(1)
            // Who decided is answered before anybody is sent away.
            await bench.diary.untilNoted(2)
            #expect(
                bench.diary.lines == [
                    #"tell stream:s ban(user: "bob", reason: nil, seconds: nil)"#, "expel bob from room:s forGood",
                ]
            )
        }
    }

    @Test func `a ban that was lifted before it was heard of sends nobody away`() async throws {
        try await running { bench in
            bench.diary.attend("bob")
            let action = ModerationAction.ban(user: "bob", reason: nil, seconds: nil)
            await deliver(ModerationEvent(id: UUID(), action, in: key, by: Profile(userID: "mod"), at: at), to: bench)
            #expect(bench.diary.lines == [#"tell stream:s ban(user: "bob", reason: nil, seconds: nil)"#])
            // Nobody knows whether it was: then it counts.
            bench.store.breakDown()
            let other = ConversationKey(.stream, "t")
            await deliver(ModerationEvent(id: UUID(), action, in: other, by: Profile(userID: "mod"), at: at), to: bench)
            #expect(bench.diary.lines.last == "expel bob from room:t forGood")
        }
    }

    @Test func `another node tells its clients once, sends the banned away and lets them in no more`() async throws {
        try await running { bench in
            let bob = Identity(userID: "bob")
            bench.diary.attend("alice", "bob")
            _ = try await bench.conversations.arrival(at: key, of: bob, since: nil)
            #expect(bench.conversations.arrival(at: key, since: nil, for: bob) != nil)
            let event = ModerationEvent(
                id: UUID(),
                .ban(user: "bob", reason: nil, seconds: nil),
                in: key,
                by: Profile(userID: "mod"),
                at: at
            )
            // Written by the node that decided.
            try await bench.store.write { [key] transaction in
                if let sanction = event.sanction { try transaction.save(sanction, in: key.id) }
            }
            await deliver(event, to: bench)
            await deliver(event, to: bench)
            #expect(
                bench.diary.lines == [
                    #"tell stream:s ban(user: "bob", reason: nil, seconds: nil)"#, "expel bob from room:s forGood",
                ]
            )
            #expect(bench.conversations.arrival(at: key, since: nil, for: bob) == nil)
            await #expect(throws: Refusal(.banned, "You are banned here")) {
                try await bench.conversations.arrival(at: key, of: bob, since: nil)
            }
        }
    }
}
