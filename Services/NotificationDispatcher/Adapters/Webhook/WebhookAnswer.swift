import Foundation
import NotificationDomain

/// What of a receiver's answer counts.
struct WebhookAnswer: Sendable {
    var status: Int
    /// `Retry-After` as it was sent.
    var retryAfter: String?

    func outcome(now: Date) -> DeliveryOutcome {
        ResponseClassification.outcome(status: status, retryAfter: retryAfter, now: now)
    }
}
