import EventSchema
import Foundation
import Messaging
import RealtimeDomain
import Testing

@testable import RealtimeBus

/// Notifications, from the bus into the inbox and to the clients.
@Suite(.timeLimit(.minutes(1))) struct NotificationEventsTests {
    private let id = "0192f3a1-9d20-7c11-8b7a-1a2b3c4d5e6f"

    private func event(_ body: String = "b") -> String {
        #"{"notification_id":"\#(id)","user_id":"alice","title":"T","body":"\#(body)","category":"thread_reply","#
            + #""data":{"thread_id":456},"created_at":"2024-01-01T00:00:00Z"}"#
    }

    @Test func `a notification is kept, and its user is told`() async throws {
        try await ManagementBench.run { bench in
            #expect(await bench.receive("notification.in_app", event()) == .acknowledge)
            await bench.show(1)
            let kept = try await bench.notifications.unread(of: "alice", limit: 10)
            let expected = UserNotification(
                id: try #require(UUID(uuidString: id)),
                userID: "alice",
                type: "thread_reply",
                title: "T",
                body: "b",
                data: ["thread_id": 456],
                createdAt: Timestamp(milliseconds: 1_704_067_200_000)
            )
            #expect(kept == [expected])
            #expect(bench.diary.lines == ["notify alice T"])
        }
    }

    @Test func `one that comes twice stays read`() async throws {
        try await ManagementBench.run { bench in
            let eventID = UUID()
            _ = await bench.receive("notification.in_app", event(), id: eventID)
            let at = Timestamp.now
            let notification = try #require(UUID(uuidString: id))
            #expect(try await bench.notifications.markRead(notification, of: "alice", at: at)?.isNews == true)
            _ = await bench.receive("notification.in_app", event(), id: eventID)
            // Under another event's id, too.
            _ = await bench.receive("notification.in_app", event())
            #expect(try await bench.notifications.unreadCount(of: "alice") == 0)
        }
    }

    @Test func `that one was read this node's clients are told once, and those of others by the bus`() async throws {
        try await ManagementBench.run { bench in
            _ = await bench.receive("notification.in_app", event())
            await bench.show(1)
            bench.diary.clear()
            let at = Timestamp(milliseconds: 1_704_110_400_000)
            let notification = try #require(UUID(uuidString: id))
            _ = try await bench.notifications.markRead(notification, of: "alice", at: at)
            await bench.show(2)
            #expect(bench.diary.lines == ["read alice \(id) 2024-01-01T12:00:00Z"])
            let (message, destination) = bench.diary.published[1]
            #expect(destination.routingKey == "notification.read")
            // The same as another node shows it.
            let other = RealtimeFeed(broadcaster: bench.diary, users: bench.diary, node: "n2")
            for _ in 0..<2 { try other.accept(message.body) }
            #expect(bench.diary.lines.count == 2)
            #expect(Set(bench.diary.lines).count == 1)
        }
    }

    @Test func `one that is too large is shown and not kept`() async throws {
        try await ManagementBench.run { bench in
            let body = String(repeating: "x", count: UserNotification.maximumWeight)
            #expect(await bench.receive("notification.in_app", event(body)) == .acknowledge)
            await bench.show(1)
            #expect(bench.diary.lines.count == 1)
            let count = try await bench.notifications.unreadCount(of: "alice")
            #expect(count == 0)
        }
    }
}
