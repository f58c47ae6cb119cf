import EventSchema
import Foundation
import Logging
import Persistence
import RealtimeDomain
import ServiceLifecycle
import Synchronization
import Testing

@testable import RealtimeStore

/// What users are notified of, on both databases.
@Suite(.timeLimit(.minutes(2))) struct NotificationTests {
    private let noon = ConversationBench.noon

    /// Notes what clients and nodes are told.
    private final class Ear: UserAudience {
        private let events = Mutex<[UserEvent]>([])
        private let nodeEvents = Mutex<[NotificationRead]>([])

        var heard: [UserEvent] { events.withLock { $0 } }
        var told: [NotificationRead] { nodeEvents.withLock { $0 } }

        func tell(_ event: UserEvent, of userID: String) { events.withLock { $0.append(event) } }

        func tellNodes(_ event: any EventPayload, _ transaction: SQLTransaction) {
            if let event = event as? NotificationRead { nodeEvents.withLock { $0.append(event) } }
        }
    }

    private func withInbox(
        _ engine: Engine,
        _ body: (any Database, NotificationInbox, Ear) async throws -> Void
    ) async throws {
        let database = try await engine.open()
        let serving = Task { try await database.run() }
        let ear = Ear()
        let store = SQLNotificationStore(database: database, tellNodes: ear.tellNodes)
        let inbox = NotificationInbox(store: store, audience: ear, node: "n1")
        let result = await Result { try await body(database, inbox, ear) }
        serving.cancel()
        _ = try? await serving.value
        try result.get()
    }

    private func notification(_ number: Int, of user: String = "alice") -> UserNotification {
        UserNotification(
            id: .timeOrdered(at: noon),
            userID: user,
            type: "thread_reply",
            title: "\(number)",
            body: "Someone replied \u{1F600}",
            data: ["thread_id": 456, "user": ["id": 2, "avatar": nil]],
            createdAt: Timestamp(milliseconds: noon.milliseconds + Int64(number))
        )
    }

    private func add(_ notifications: [UserNotification], to database: any Database) async throws {
        try await database.write { transaction in
            for notification in notifications { try SQLNotificationStore.transaction(transaction).add(notification) }
        }
    }

    @Test(arguments: Engine.allCases)
    func `the newest unread ones are found as they were, the newest last`(_ engine: Engine) async throws {
        try await withInbox(engine) { database, inbox, _ in
            let all = (1...5).map { notification($0) }
            try await add(all.shuffled() + [notification(9, of: "bob")], to: database)
            // One that comes again is there already.
            try await add([all[0]], to: database)
            #expect(try await inbox.unread(of: "alice", limit: 10) == all)
            #expect(try await inbox.unread(of: "alice", limit: 2) == Array(all[3...]))
            #expect(try await inbox.unreadCount(of: "alice") == 5)
            #expect(try await inbox.unreadCount(of: "nobody") == 0)
        }
    }

    @Test(arguments: Engine.allCases)
    func `one is read once, and all devices and nodes hear of that`(_ engine: Engine) async throws {
        try await withInbox(engine) { database, inbox, ear in
            let one = notification(1)
            try await add([one, notification(2)], to: database)
            let later = Timestamp(milliseconds: noon.milliseconds + 60_000)
            let first = try await inbox.markRead(one.id, of: "alice", at: later)
            #expect((first?.readAt, first?.isNews) == (later, true))
            let second = try await inbox.markRead(one.id, of: "alice", at: .now)
            #expect((second?.readAt, second?.isNews) == (later, false))
            for (id, user) in [(one.id, "bob"), (UUID(), "alice")] {
                let none = try await inbox.markRead(id, of: user, at: later)
                #expect(none == nil)
            }
            #expect(ear.heard == [.notificationRead(one.id, at: later)])
            #expect(ear.told == [NotificationRead(id: one.id, userID: "alice", readAt: later, node: "n1")])
            #expect(try await inbox.unread(of: "alice", limit: 10).map(\.title) == ["2"])
        }
    }

    @Test(arguments: Engine.allCases)
    func `of one user the newest thousand are kept`(_ engine: Engine) async throws {
        try await withInbox(engine) { database, inbox, _ in
            try await add([notification(1, of: "bob")] + (1...1003).map { notification($0) }, to: database)
            let kept = try await inbox.unread(of: "alice", limit: .max)
            #expect((kept.count, kept.first?.title, kept.last?.title) == (1000, "4", "1003"))
            #expect(try await inbox.unreadCount(of: "bob") == 1)
            // An old one that comes late is not kept either.
            try await add([notification(0)], to: database)
            #expect(try await inbox.unreadCount(of: "alice") == 1000)
        }
    }

    @Test(arguments: Engine.allCases)
    func `what is over is forgotten, notifications after 90 days`(_ engine: Engine) async throws {
        try await withInbox(engine) { database, inbox, _ in
            try await add([notification(1)], to: database)
            let store = SQLConversationStore(database: database)
            let minute = Timestamp(milliseconds: noon.milliseconds + 60_000)
            try await store.write { [noon] transaction in
                let over = Sanction(.ban, of: "a", moderatorID: "m", at: noon, until: minute)
                try transaction.save(over, in: "r")
                try transaction.save(Sanction(.ban, of: "b", moderatorID: "m", at: noon), in: "r")
            }
            let retention = Retention(
                database: database,
                rules: ConversationSchema.retention,
                age: .seconds(86_400),
                logger: .init(label: "test")
            )
            try await retention.clean(now: noon.date.addingTimeInterval(89 * 86_400))
            #expect(try await inbox.unreadCount(of: "alice") == 1)
            let banned = try await store.read { [noon] in try $0.sanctions(in: "r", at: noon, limit: 9).map(\.userID) }
            #expect(banned == ["b"])
            try await retention.clean(now: noon.date.addingTimeInterval(91 * 86_400))
            #expect(try await inbox.unreadCount(of: "alice") == 0)
        }
    }

    @Test func `a database that takes nothing is said to be busy`() async throws {
        try await withInbox(.sqlite) { database, _, ear in
            let full: SQLConversationStore.TellNodes = { _, _ in throw Refusal.busy }
            let one = notification(1)
            try await add([one], to: database)
            let store = SQLNotificationStore(database: database, tellNodes: full)
            let inbox = NotificationInbox(store: store, audience: ear, node: "n1")
            await #expect(throws: Refusal.busy) { try await inbox.markRead(one.id, of: "alice", at: noon) }
            #expect(try await inbox.unreadCount(of: "alice") == 1)
            #expect(ear.heard.isEmpty)
        }
    }
}
