package import Foundation

/// A notification to be shown in a user's open sessions, as `notification` on `user:U`.
package struct NotificationInApp: EventPayload {
    package static let eventType = "notification.in_app"

    /// The `event_id` of the request it comes from.
    package var notificationID: UUID
    package var userID: String
    package var title: String
    package var body: String
    package var data: JSONObject
    package var createdAt: Timestamp
    package var additional: JSONObject

    package init(
        notificationID: UUID,
        userID: String,
        title: String,
        body: String,
        data: JSONObject,
        createdAt: Timestamp,
        additional: JSONObject = [:]
    ) {
        self.notificationID = notificationID
        self.userID = userID
        self.title = title
        self.body = body
        self.data = data
        self.createdAt = createdAt
        self.additional = additional
    }

    package init(reading reader: inout ObjectReader) throws(SchemaError) {
        notificationID = try reader.uuid("notification_id")
        userID = try reader.identifier("user_id")
        title = try reader.string("title")
        body = try reader.string("body")
        data = try reader.optionalObject("data") ?? [:]
        createdAt = try reader.timestamp("created_at")
        additional = reader.remaining
    }

    package var json: JSONObject {
        var object = additional
        object["notification_id"] = .string(notificationID.lowercased)
        object["user_id"] = .string(userID)
        object["title"] = .string(title)
        object["body"] = .string(body)
        object["data"] = .object(data)
        object["created_at"] = .string(createdAt.description)
        return object
    }
}
