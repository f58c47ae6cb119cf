import EventSchema
import Foundation
import Messaging
import Persistence
import RealtimeDomain
import Testing

@testable import RealtimeBus

/// What backends ask of the gateway itself.
@Suite(.timeLimit(.minutes(1))) struct OutboxManagementTests {
    private let key = ConversationKey(.channel, "c")

    @Test func `what is saved is in effect here, and told to the nodes`() async throws {
        try await ManagementBench.run { bench in
            bench.diary.attend("a", "b")
            let update = ConversationUpdate(key, name: "C", access: .private, workspaceID: "w", members: ["a"])
            let first = try await bench.management.save(update)
            #expect(first.isNew)
            #expect(first.overview.conversation.name == "C")
            #expect(first.overview.members == ["a"])
            #expect(bench.diary.lines == ["expel b from channel:c forGood"])
            #expect(try await !bench.management.save(update).isNew)
            _ = try await bench.management.save(ConversationUpdate(key, access: .public))
            await bench.show(3)
            #expect(bench.diary.lines.last?.hasPrefix("workspace:w channel_created ") == true)
            #expect(
                bench.diary.published.map(\.destination.routingKey)
                    == Array(repeating: "conversation.changed", count: 3)
            )
        }
    }

    @Test func `members come and go, of conversations that there are`() async throws {
        try await ManagementBench.run { bench in
            let (added, removed) = (
                MemberUpdate(key, userID: "a", isAdded: true), MemberUpdate(key, userID: "a", isAdded: false)
            )
            await #expect(throws: Refusal.unknownConversation) { try await bench.management.apply(added) }
            _ = try await bench.management.save(ConversationUpdate(key, access: .private))
            #expect(try await bench.management.apply(added))
            #expect(try await !bench.management.apply(added))
            bench.diary.attend("a")
            #expect(try await bench.management.apply(removed))
            #expect(bench.diary.lines == ["expel a from channel:c forGood"])
            #expect(try await !bench.management.apply(removed))
        }
    }

    @Test func `what is deleted is gone, and there is nothing to delete twice`() async throws {
        try await ManagementBench.run { bench in
            _ = try await bench.management.save(ConversationUpdate(key))
            #expect(try await bench.management.kinds(of: "c") == [.channel])
            #expect(try await bench.management.delete(key))
            #expect(try await bench.management.overview(of: key) == nil)
            #expect(try await !bench.management.delete(key))
            await bench.diary.untilPublished(2)
            #expect(bench.diary.published.count == 2)
        }
    }

    @Test func `a user is disconnected here at once, and elsewhere as nodes hear of it`() async throws {
        try await ManagementBench.run { bench in
            try await bench.management.disconnect("bob")
            #expect(bench.diary.lines == ["disconnect bob"])
            // This node has done it.
            await bench.show(1)
            #expect(bench.diary.lines == ["disconnect bob"])
            let other = Envelope(UserDisconnection(userID: "eve", node: "n2"), source: "n2")
            let message = Message(other)
            let source = Destination(exchange: "realtime.nodes", routingKey: other.eventType)
            _ = await bench.node.handle(
                Delivery(message: message, source: source, queue: "realtime.node.n1", redelivered: false)
            )
            #expect(bench.diary.lines == ["disconnect bob", "disconnect eve"])
        }
    }

    @Test func `while nothing can be stored, it is said so`() async throws {
        try await ManagementBench.run { bench in
            (bench.database as? SQLiteDatabase)?.close()
            bench.store.breakDown()
            await #expect(throws: Refusal.busy) { try await bench.management.save(ConversationUpdate(key)) }
            await #expect(throws: Refusal.busy) { try await bench.management.overview(of: key) }
            #expect(bench.diary.lines.isEmpty)
        }
    }
}
