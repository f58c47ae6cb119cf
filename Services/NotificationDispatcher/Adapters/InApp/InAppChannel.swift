import EventSchema
import Foundation
package import Messaging
package import NotificationDomain

/// Shows notifications in the user's open sessions: an event that the gateway carries to `user:U`.
package struct InAppChannel: NotificationChannel {
    package let channel = Channel.inApp
    private let publisher: EventPublisher

    package init(publisher: EventPublisher) {
        self.publisher = publisher
    }

    package func deliver(_ notification: UserNotification, attempt: Int) async -> DeliveryOutcome {
        let event = NotificationInApp(
            notificationID: notification.id,
            userID: notification.userID,
            title: notification.title,
            body: notification.body,
            data: notification.data,
            createdAt: notification.requestedAt
        )
        let envelope = Envelope(
            event,
            eventID: .derived(from: notification.id, NotificationInApp.eventType),
            source: publisher.source
        )
        do throws(MessagingError) {
            try await publisher.publish(envelope)
            return .delivered
        } catch {
            return .postponed(after: nil, Failure(.unreachable, "the gateways' queue did not take it: \(error)"))
        }
    }
}
