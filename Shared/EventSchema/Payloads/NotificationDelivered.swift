package import Foundation

/// A channel has accepted a notification.
package struct NotificationDelivered: EventPayload {
    package static let eventType = "notification.delivered"

    /// The `event_id` of the request.
    package var notificationID: UUID
    package var userID: String
    /// The channel that took it: `in_app`, `webhook`.
    package var channel: String
    /// How many tries it took, from 1.
    package var attempt: Int64
    package var additional: JSONObject

    package init(
        notificationID: UUID,
        userID: String,
        channel: String,
        attempt: Int64,
        additional: JSONObject = [:]
    ) {
        self.notificationID = notificationID
        self.userID = userID
        self.channel = channel
        self.attempt = attempt
        self.additional = additional
    }

    package init(reading reader: inout ObjectReader) throws(SchemaError) {
        notificationID = try reader.uuid("notification_id")
        userID = try reader.identifier("user_id")
        channel = try reader.string("channel")
        attempt = try reader.integer("attempt")
        additional = reader.remaining
    }

    package var json: JSONObject {
        var object = additional
        object["notification_id"] = .string(notificationID.lowercased)
        object["user_id"] = .string(userID)
        object["channel"] = .string(channel)
        object["attempt"] = .integer(attempt)
        return object
    }
}
