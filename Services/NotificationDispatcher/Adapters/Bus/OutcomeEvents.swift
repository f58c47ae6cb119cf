package import EventSchema
import Foundation
import Messaging
package import NotificationDomain

/// The events by which requesters learn what became of their notifications.
///
/// Each notification has at most one outcome per channel, and its event the same id however often it is made.
package struct OutcomeEvents: Sendable {
    private let source: String

    /// - Parameter source: What this service calls itself in the envelopes it writes.
    package init(source: String) {
        self.source = source
    }

    package func envelope(
        of outcome: RetrySchedule.Outcome,
        _ notification: UserNotification,
        channel: String
    ) -> Envelope {
        switch outcome {
        case .delivered(let attempt):
            let event = NotificationDelivered(
                notificationID: notification.id,
                userID: notification.userID,
                channel: channel,
                attempt: Int64(attempt)
            )
            return envelope(event, notification, channel)
        case .failed(let failure, let retryable):
            let event = NotificationFailed(
                notificationID: notification.id,
                userID: notification.userID,
                channel: channel,
                reason: failure.reason.rawValue,
                message: failure.message,
                retryable: retryable
            )
            return envelope(event, notification, channel)
        }
    }

    /// What the gateways show in the user's open sessions.
    func inApp(_ notification: UserNotification) -> Envelope {
        let event = NotificationInApp(
            notificationID: notification.id,
            userID: notification.userID,
            title: notification.title,
            body: notification.body,
            data: notification.data,
            createdAt: notification.requestedAt
        )
        return Envelope(event, eventID: .derived(from: notification.id, NotificationInApp.eventType), source: source)
    }

    private func envelope<Payload: EventPayload>(
        _ payload: Payload,
        _ notification: UserNotification,
        _ channel: String
    ) -> Envelope {
        let id = UUID.derived(from: notification.id, "\(Payload.eventType):\(channel)")
        return Envelope(payload, eventID: id, source: source)
    }
}
