import EventSchema
import Foundation
import Persistence
import RealtimeDomain

/// What is done to notifications in a transaction.
struct SQLNotificationTransaction: NotificationTransaction {
    let transaction: SQLTransaction

    func add(_ notification: UserNotification) throws {
        let inserted = try transaction.execute(
            """
            INSERT INTO notifications (user_id, id, type, title, body, data, created_at, read_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING
            """,
            [
                .text(notification.userID), .uuid(notification.id), .text(notification.type),
                .text(notification.title), .text(notification.body),
                .text(JSONValue.object(notification.data).description),
                .integer(notification.createdAt.milliseconds), .optional(notification.readAt?.milliseconds),
            ]
        )
        if inserted > 0 { try dropOldest(of: notification.userID) }
    }

    /// Those go that are older than the last that is kept.
    private func dropOldest(of userID: String) throws {
        try transaction.execute(
            """
            DELETE FROM notifications WHERE user_id = $1 AND (created_at, id) < (
                SELECT created_at, id FROM notifications WHERE user_id = $1
                ORDER BY created_at DESC, id DESC LIMIT 1 OFFSET \(NotificationInbox.capacity - 1)
            )
            """,
            [.text(userID)]
        )
    }

    // MARK: Reading

    func unread(of userID: String, limit: Int) throws -> [UserNotification] {
        try transaction.query(
            """
            SELECT id, type, title, body, data, created_at FROM notifications
            WHERE user_id = $1 AND read_at IS NULL ORDER BY created_at DESC, id DESC LIMIT \(limit)
            """,
            [.text(userID)]
        ).reversed().map { row in
            UserNotification(
                id: try row.uuid(0),
                userID: userID,
                type: try row.text(1),
                title: try row.text(2),
                body: try row.text(3),
                data: try JSONParser.parse(try row.text(4)).objectValue ?? [:],
                createdAt: Timestamp(milliseconds: try row.integer(5))
            )
        }
    }

    func unreadCount(of userID: String) throws -> Int {
        try transaction.query(
            "SELECT COUNT(*) FROM notifications WHERE user_id = $1 AND read_at IS NULL",
            [.text(userID)]
        )[0].int(0)
    }

    /// Notes that a notification was read; false if it was before, or is not there.
    func markRead(_ reading: NotificationRead) throws -> Bool {
        try transaction.execute(
            "UPDATE notifications SET read_at = $1 WHERE user_id = $2 AND id = $3 AND read_at IS NULL",
            [.integer(reading.readAt.milliseconds), .text(reading.userID), .uuid(reading.id)]
        ) == 1
    }

    func readAt(_ reading: NotificationRead) throws -> Timestamp? {
        try transaction.query(
            "SELECT read_at FROM notifications WHERE user_id = $1 AND id = $2",
            [.text(reading.userID), .uuid(reading.id)]
        ).first?.optionalInteger(0).map(Timestamp.init(milliseconds:))
    }
}
