package import Foundation

/// A moment in time, spelled in UTC after RFC 3339: `2024-01-01T00:00:00Z`, with milliseconds where there are any.
package struct Timestamp: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// Milliseconds since 1970.
    package let milliseconds: Int64

    package init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    package init(_ date: Date) {
        milliseconds = Int64((date.timeIntervalSince1970 * 1000).rounded())
    }

    package static var now: Timestamp { Timestamp(Date()) }

    package var date: Date { Date(timeIntervalSince1970: Double(milliseconds) / 1000) }

    /// Reads RFC 3339 with any offset and any number of fraction digits; `nil` for anything else.
    package init?(_ text: String) {
        let utf8 = Array(text.utf8)
        guard utf8.count >= 20, utf8.count <= 40 else { return nil }
        let whole = String(decoding: utf8.prefix(19), as: UTF8.self).uppercased()
        var rest = utf8.dropFirst(19)
        var fraction = 0.0
        if rest.first == UInt8(ascii: ".") {
            let digits = rest.dropFirst().prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            guard let value = Double("0." + String(decoding: digits, as: UTF8.self)), !digits.isEmpty else {
                return nil
            }
            fraction = value
            rest = rest.dropFirst(1 + digits.count)
        }
        // The fraction is read above; what is left for the strategy is the same for all spellings.
        let zone = String(decoding: rest, as: UTF8.self).uppercased()
        guard zone == "Z" || zone.count == 6, let date = try? Date(whole + zone, strategy: .iso8601) else { return nil }
        milliseconds = Int64(date.timeIntervalSince1970) * 1000 + Int64((fraction * 1000).rounded(.down))
    }

    package var description: String {
        let seconds = Date(timeIntervalSince1970: Double(milliseconds.dividedDown(by: 1000)))
        let text = seconds.formatted(.iso8601)
        let fraction = milliseconds - milliseconds.dividedDown(by: 1000) * 1000
        guard fraction != 0 else { return text }
        let digits = String(fraction)
        return "\(text.dropLast()).\(String(repeating: "0", count: 3 - digits.count))\(digits)Z"
    }

    package static func < (earlier: Timestamp, later: Timestamp) -> Bool {
        earlier.milliseconds < later.milliseconds
    }
}

extension Int64 {
    fileprivate func dividedDown(by divisor: Int64) -> Int64 {
        self >= 0 ? self / divisor : -((-self + divisor - 1) / divisor)
    }
}
