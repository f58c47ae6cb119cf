package import EventSchema
package import Foundation

/// A user has read a notification; what nodes tell one another.
package struct NotificationRead: EventPayload {
    package static let eventType = "notification.read"

    package let id: UUID
    package let userID: String
    package let readAt: Timestamp
    /// The node that says it, and has told its own clients already.
    package let node: String

    package init(id: UUID, userID: String, readAt: Timestamp, node: String) {
        self.id = id
        self.userID = userID
        self.readAt = readAt
        self.node = node
    }

    package init(reading reader: inout ObjectReader) throws(SchemaError) {
        id = try reader.uuid("notification_id")
        userID = try reader.string("user_id")
        readAt = try reader.timestamp("read_at")
        node = try reader.string("node")
    }

    package var json: JSONObject {
        [
            "notification_id": .string(id.lowercased), "user_id": .string(userID),
            "read_at": .string(readAt.description), "node": .string(node),
        ]
    }
}
