import EventSchema

/// What a moderator decides about a room or a stream, or somebody in it.
package enum ModerationAction: Sendable, Hashable {
    /// Keeps a user out, for some seconds or, without a number, for good.
    case ban(user: String, reason: String?, seconds: Int64?)
    case unban(user: String)
    /// Lets a user listen but not speak.
    case mute(user: String, reason: String?, seconds: Int64?)
    case unmute(user: String)
    /// Has everybody wait so many seconds between two messages; `nil` ends that.
    case slowMode(interval: Int64?)

    /// Unicode scalars of a reason.
    package static let maximumReason = 500
    /// Up to a year of 365 days.
    package static let durations: ClosedRange<Int64> = 1...31_536_000
    /// Up to an hour.
    package static let intervals: ClosedRange<Int64> = 1...3600

    /// Whom it concerns; `nil` if it is everybody.
    package var userID: String? {
        switch self {
        case .ban(let user, _, _), .mute(let user, _, _), .unban(let user), .unmute(let user): user
        case .slowMode: nil
        }
    }

    package var reason: String? {
        switch self {
        case .ban(_, let reason, _), .mute(_, let reason, _): reason
        case .unban, .unmute, .slowMode: nil
        }
    }

    /// How long it holds, in seconds.
    package var seconds: Int64? {
        switch self {
        case .ban(_, _, let seconds), .mute(_, _, let seconds): seconds
        case .unban, .unmute, .slowMode: nil
        }
    }

    /// Holds the action against the bounds above.
    ///
    /// - Throws: ``Refusal`` for the field at fault, as contract 4 calls it.
    package func check() throws(Refusal) {
        if let userID, !userID.isIdentifier {
            throw Refusal(.invalidPayload, "must be a user's id", field: "target_user_id")
        }
        if let reason, reason.unicodeScalars.count > Self.maximumReason || reason.utf8.contains(0) {
            throw Refusal(.invalidPayload, "must be text of at most \(Self.maximumReason) characters", field: "reason")
        }
        if let seconds, !Self.durations.contains(seconds) { throw Self.outside(Self.durations, "duration") }
        if case .slowMode(let interval?) = self, !Self.intervals.contains(interval) {
            throw Self.outside(Self.intervals, "interval")
        }
    }

    private static func outside(_ range: ClosedRange<Int64>, _ field: String) -> Refusal {
        Refusal(
            .invalidPayload,
            "must be a number of seconds from \(range.lowerBound) to \(range.upperBound)",
            field: field
        )
    }
}
