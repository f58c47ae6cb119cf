package import RealtimeDomain
import RealtimeHTTP

/// Tells a user's Socket.IO clients what concerns their user, in the words of contract 3.
extension SocketAudience: UserAudience {
    package func tell(_ event: UserEvent, of userID: String) {
        let (name, payload) =
            switch event {
            case .notified(let notification): ("notification", NotificationSpelling.notification(notification))
            case .notificationRead(let id, let readAt):
                ("notification_updated", NotificationSpelling.read(id, at: readAt))
            }
        hub.publish(TopicEvent(topic: SocketTopics.user(userID), name: name, content: .object(payload)))
    }
}
