import ArgumentParser
import EventSchema

/// A length of time as operators write it: `90s`, `30m`, `36h`, `7d`, `2w`.
struct Age: Sendable, Hashable, ExpressibleByArgument {
    let duration: Duration

    init?(argument text: String) {
        let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800]
        guard let last = text.last, let unit = units[last], let count = Int64(text.dropLast()), count >= 0,
            count <= 1_000_000
        else { return nil }
        duration = .seconds(count * unit)
    }

    private init(_ duration: Duration) {
        self.duration = duration
    }

    static let fourHours = Age(.seconds(14_400))

    /// As it is written.
    var defaultValueDescription: String { Self.spell(duration) }

    /// `4h`, in the largest unit that is exact.
    static func spell(_ duration: Duration) -> String {
        let seconds = duration.components.seconds
        let units: [(String, Int64)] = [("d", 86_400), ("h", 3600), ("m", 60)]
        guard seconds > 0, let unit = units.first(where: { seconds % $0.1 == 0 }) else { return "\(seconds)s" }
        return "\(seconds / unit.1)\(unit.0)"
    }

    /// The time that long before `now`.
    func before(_ now: Timestamp) -> Timestamp {
        Timestamp(milliseconds: now.milliseconds - duration.components.seconds * 1000)
    }
}

/// From when on: `first`, an age, or a time after RFC 3339.
enum Beginning: Sendable, Hashable, ExpressibleByArgument {
    case first
    case age(Age)
    case time(Timestamp)

    init?(argument text: String) {
        if text == "first" {
            self = .first
        } else if let age = Age(argument: text) {
            self = .age(age)
        } else if let time = Timestamp(text) {
            self = .time(time)
        } else {
            return nil
        }
    }

    /// The time that is meant; `nil` for the very first.
    func time(_ now: Timestamp) -> Timestamp? {
        switch self {
        case .first: nil
        case .age(let age): age.before(now)
        case .time(let time): time
        }
    }
}
