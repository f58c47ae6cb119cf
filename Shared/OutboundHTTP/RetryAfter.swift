package import Foundation

/// The header field `Retry-After` (RFC 9110 section 10.2.3).
package enum RetryAfter {
    /// How long to wait, from seconds or from a date in HTTP's spelling; a day at most, `nil` for anything else.
    package static func delay(_ text: String, now: Date = Date()) -> Duration? {
        if let seconds = Int(text), seconds >= 0 { return .seconds(min(seconds, 86_400)) }
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(secondsFromGMT: 0)
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss zzz"
        guard let date = formatter.date(from: text) else { return nil }
        return .seconds(Int64(min(max(0, date.timeIntervalSince(now).rounded(.up)), 86_400)))
    }
}
