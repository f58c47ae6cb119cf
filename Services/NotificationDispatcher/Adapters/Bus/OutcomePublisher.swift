import EventSchema
import Foundation
package import Messaging
package import NotificationDomain

/// Tells requesters what became of their notifications.
///
/// Each notification has at most one outcome per channel, and its event the same id however often it is told.
package struct OutcomePublisher: Sendable {
    private let publisher: EventPublisher

    package init(publisher: EventPublisher) {
        self.publisher = publisher
    }

    package func publish(
        _ outcome: RetrySchedule.Outcome,
        of notification: UserNotification,
        channel: String,
        trace: TraceContext
    ) async throws(MessagingError) {
        switch outcome {
        case .delivered(let attempt):
            let event = NotificationDelivered(
                notificationID: notification.id,
                userID: notification.userID,
                channel: channel,
                attempt: Int64(attempt)
            )
            try await publish(event, of: notification, channel: channel, trace: trace)
        case .failed(let failure, let retryable):
            let event = NotificationFailed(
                notificationID: notification.id,
                userID: notification.userID,
                channel: channel,
                reason: failure.reason.rawValue,
                message: failure.message,
                retryable: retryable
            )
            try await publish(event, of: notification, channel: channel, trace: trace)
        }
    }

    private func publish<Payload: EventPayload>(
        _ payload: Payload,
        of notification: UserNotification,
        channel: String,
        trace: TraceContext
    ) async throws(MessagingError) {
        let id = UUID.derived(from: notification.id, "\(Payload.eventType):\(channel)")
        let envelope = Envelope(payload, eventID: id, source: publisher.source)
        try await publisher.publish(envelope, trace: trace)
    }
}
