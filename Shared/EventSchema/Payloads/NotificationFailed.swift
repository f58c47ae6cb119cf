package import Foundation

/// A channel will not deliver a notification.
package struct NotificationFailed: EventPayload {
    package static let eventType = "notification.failed"

    /// The `event_id` of the request.
    package var notificationID: UUID
    package var userID: String
    package var channel: String
    /// One word of a documented, stable list: `channel_unavailable`, `rejected`, `unreachable`.
    package var reason: String
    /// A sentence for people.
    package var message: String
    /// Whether the same request may succeed later.
    package var retryable: Bool
    package var additional: JSONObject

    package init(
        notificationID: UUID,
        userID: String,
        channel: String,
        reason: String,
        message: String,
        retryable: Bool,
        additional: JSONObject = [:]
    ) {
        self.notificationID = notificationID
        self.userID = userID
        self.channel = channel
        self.reason = reason
        self.message = message
        self.retryable = retryable
        self.additional = additional
    }

    package init(reading reader: inout ObjectReader) throws(SchemaError) {
        notificationID = try reader.uuid("notification_id")
        userID = try reader.identifier("user_id")
        channel = try reader.string("channel")
        reason = try reader.string("reason")
        message = try reader.string("message")
        retryable = try reader.bool("retryable")
        additional = reader.remaining
    }

    package var json: JSONObject {
        var object = additional
        object["notification_id"] = .string(notificationID.lowercased)
        object["user_id"] = .string(userID)
        object["channel"] = .string(channel)
        object["reason"] = .string(reason)
        object["message"] = .string(message)
        object["retryable"] = .bool(retryable)
        return object
    }
}
