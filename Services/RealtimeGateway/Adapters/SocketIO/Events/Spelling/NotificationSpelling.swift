import EventSchema
import Foundation
import RealtimeDomain

/// Notifications in the words of contract 3.
enum NotificationSpelling {
    /// The id as clients see it: `notif_` and a UUID.
    static func id(_ notification: UUID) -> JSONValue { .string("notif_\(notification.lowercased)") }

    static func notification(_ notification: UserNotification) -> JSONObject {
        [
            "id": id(notification.id),
            "type": .string(notification.type),
            "title": .string(notification.title),
            "message": .string(notification.body),
            "data": .object(notification.data),
            "timestamp": .string(notification.createdAt.description),
            "read": .bool(notification.readAt != nil),
        ]
    }

    static func read(_ notification: UUID, at readAt: Timestamp) -> JSONObject {
        ["notification_id": id(notification), "read": true, "read_at": .string(readAt.description)]
    }
}
