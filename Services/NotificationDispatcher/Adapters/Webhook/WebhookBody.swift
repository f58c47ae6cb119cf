package import EventSchema
import Foundation
package import NotificationDomain

/// What a webhook carries: `{type, timestamp, data}`, as the Standard Webhooks specification recommends.
///
/// It is the same bytes at every try.
package struct WebhookBody: Sendable {
    /// The event's type in the receiver's eyes.
    package static let type = "notification"

    package let json: JSONObject

    package init(_ notification: UserNotification) {
        json = [
            "type": .string(Self.type),
            "timestamp": .string(notification.requestedAt.description),
            "data": [
                "notification_id": .string(notification.id.lowercased),
                "user_id": .string(notification.userID),
                "title": .string(notification.title),
                "body": .string(notification.body),
                "data": .object(notification.data),
            ],
        ]
    }

    package var encoded: [UInt8] { JSONValue.object(json).encoded }
}
