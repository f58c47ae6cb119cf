/// A second, spelled as HTTP spells it (RFC 9110 section 5.6.7): `Tue, 14 Nov 2023 22:13:20 GMT`.
struct HTTPDate: Hashable, CustomStringConvertible {
    /// From the first day of 1970, which was a Thursday.
    private static let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    /// From March, so that the leap day is the year's last.
    private static let months = [
        "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec", "Jan", "Feb",
    ]
    /// Days from the first of March of the year 0 to the first of January 1970.
    private static let daysBefore1970: Int64 = 719_468

    /// Seconds since 1970, never negative.
    let seconds: Int64

    init(seconds: Int64) {
        self.seconds = max(0, seconds)
    }

    /// Reads the preferred spelling; `nil` for anything else, such as the two obsolete ones.
    init?(_ text: String) {
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 6, words[0].hasSuffix(","), Self.weekdays.contains(String(words[0].dropLast())),
            words[5] == "GMT", let day = Self.number(words[1], digits: 2), (1...31).contains(day),
            let month = Self.months.firstIndex(of: String(words[2])),
            let year = Self.number(words[3], digits: 4), year >= 1970
        else { return nil }
        let clock = words[4].split(separator: ":").compactMap { Self.number($0, digits: 2) }
        guard clock.count == 3, clock[0] < 24, clock[1] < 60, clock[2] <= 60 else { return nil }
        let days = Self.days(year: month < 10 ? year : year - 1, month: Int64(month), day: day)
        seconds = days * 86400 + clock[0] * 3600 + clock[1] * 60 + clock[2]
    }

    var description: String {
        let (days, second) = seconds.quotientAndRemainder(dividingBy: 86400)
        let clock = [second / 3600, second / 60 % 60, second % 60].map(Self.padded).joined(separator: ":")
        let (year, month, day) = Self.date(days: days)
        let date = "\(Self.padded(day)) \(Self.months[month]) \(month < 10 ? year : year + 1)"
        return "\(Self.weekdays[Int(days % 7)]), \(date) \(clock) GMT"
    }

    // MARK: The Gregorian calendar, with years that begin in March

    private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let leapDays = year / 4 - year / 100 + year / 400
        return year * 365 + leapDays + (month * 153 + 2) / 5 + day - 1 - daysBefore1970
    }

    private static func date(days: Int64) -> (year: Int64, month: Int, day: Int64) {
        let (era, dayOfEra) = (days + daysBefore1970).quotientAndRemainder(dividingBy: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        return (era * 400 + yearOfEra, Int(month), dayOfYear - (153 * month + 2) / 5 + 1)
    }

    private static func number(_ text: Substring, digits: Int) -> Int64? {
        let isNumber = text.utf8.count == digits && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
        return isNumber ? Int64(text) : nil
    }

    private static func padded(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
