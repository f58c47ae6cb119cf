import EventSchema
import Foundation
package import RealtimeDomain
package import RealtimeHTTP

/// Tells a user's Phoenix clients, on `user:U`, what concerns their user.
///
/// Contract 1 has no word for notifications that were read.
package struct UserBroadcasts: UserAudience {
    private let hub: Hub

    package init(hub: Hub) {
        self.hub = hub
    }

    package func tell(_ event: UserEvent, of userID: String) {
        guard case .notified(let notification) = event else { return }
        let payload: JSONObject = [
            "id": .string(notification.id.lowercased),
            "title": .string(notification.title),
            "body": .string(notification.body),
            "data": .object(notification.data),
            "created_at": .string(notification.createdAt.description),
        ]
        hub.publish(TopicEvent(topic: Topic.user(userID).name, name: "notification", content: .object(payload)))
    }
}
