import Foundation

/// The time of a log line, RFC 3339 in UTC with milliseconds: `2024-01-01T00:00:00.000Z`.
///
/// Computed by hand: a formatter would cost more than the rest of the line.
enum LogTime {
    static var now: String {
        let (seconds, milliseconds) = Int(Date().timeIntervalSince1970 * 1000).quotientAndRemainder(dividingBy: 1000)
        return text(seconds: seconds, milliseconds: milliseconds)
    }

    static func text(seconds: Int, milliseconds: Int) -> String {
        let days = seconds / 86400
        let second = seconds % 86400
        let (year, month, day) = civil(days: days)
        let date = "\(pad(year, 4))-\(pad(month, 2))-\(pad(day, 2))"
        return
            "\(date)T\(pad(second / 3600, 2)):\(pad(second / 60 % 60, 2)):\(pad(second % 60, 2)).\(pad(milliseconds, 3))Z"
    }

    /// The Gregorian date of a number of days since 1970.
    ///
    /// Years are counted from March, so that the leap day is the last of its year (Howard Hinnant, civil_from_days).
    private static func civil(days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    private static func pad(_ value: Int, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
