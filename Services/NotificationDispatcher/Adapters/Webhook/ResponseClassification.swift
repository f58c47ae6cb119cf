package import Foundation
package import NotificationDomain
import OutboundHTTP

/// What a receiver's answer means for the delivery.
package enum ResponseClassification {
    /// - Parameter retryAfter: The answer's `Retry-After`: seconds, or a date in HTTP's spelling.
    package static func outcome(status: Int, retryAfter: String?, now: Date = Date()) -> DeliveryOutcome {
        switch status {
        case 200..<300: .delivered
        // A redirect could lead where the address check has not been (Standard Webhooks: do not follow).
        case 300..<400: .failed(Failure(.rejected, "the receiver redirects (HTTP \(status)), which is not followed"))
        case 410: .failed(Failure(.rejected, "the receiver has gone for good (HTTP 410)"))
        case 408, 425, 429, 500...:
            .postponed(
                after: retryAfter.flatMap { RetryAfter.delay($0, now: now) },
                Failure(.unreachable, "the receiver could not take it (HTTP \(status))")
            )
        default: .failed(Failure(.rejected, "the receiver refused it (HTTP \(status))"))
        }
    }
}
