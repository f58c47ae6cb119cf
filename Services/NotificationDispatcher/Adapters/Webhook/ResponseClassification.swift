package import Foundation
package import NotificationDomain

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
                after: retryAfter.flatMap { delay($0, now: now) },
                Failure(.unreachable, "the receiver could not take it (HTTP \(status))")
            )
        default: .failed(Failure(.rejected, "the receiver refused it (HTTP \(status))"))
        }
    }

    /// RFC 9110 section 10.2.3.
    private static func delay(_ text: String, now: Date) -> Duration? {
        if let seconds = Int(text), seconds >= 0 { return .seconds(min(seconds, 86_400)) }
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(secondsFromGMT: 0)
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss zzz"
        guard let date = formatter.date(from: text) else { return nil }
        return .seconds(Int64(min(max(0, date.timeIntervalSince(now).rounded(.up)), 86_400)))
    }
}
