package import EventSchema

/// Why a client's request is not done; a value to answer with, in each protocol's own spelling.
package struct Refusal: Error, Hashable {
    /// Stable words for programs.
    @nonexhaustive package enum Reason: String, Sendable {
        case invalidPayload = "invalid_payload"
        case invalidContent = "invalid_content"
        /// The token does not hold, or not any more.
        case unauthorized
        case forbidden
        case notFound = "not_found"
        case unknownEvent = "unknown_event"
        /// A message is too old to be changed.
        case tooLate = "too_late"
        /// Not let in, or sent away, by a moderator.
        case banned
        /// May not speak, by a moderator.
        case muted
        /// Has spoken a moment ago, where a moderator has everybody wait.
        case slowMode = "slow_mode"
        case rateLimited = "rate_limit_exceeded"
        /// Not now: the store takes nothing, or too much waits for it. Nothing was done, or it may have been.
        case unavailable
    }

    package let reason: Reason
    /// The field of the payload that is at fault, if it is one.
    package let field: String?
    /// What is wrong, as a sentence that may lack its subject, which then is ``field``.
    package let detail: String
    /// When to try again, for who was too fast.
    package let retryAfter: Duration?

    package init(_ reason: Reason, _ detail: String, field: String? = nil, retryAfter: Duration? = nil) {
        self.reason = reason
        self.detail = detail
        self.field = field
        self.retryAfter = retryAfter
    }

    package static let foreignTopic = Refusal(.forbidden, "Insufficient permissions")
    package static let busy = Refusal(.unavailable, "the message store takes nothing now; try again")

    package static func rateLimited(_ wait: Duration) -> Refusal {
        let seconds = max(1, Int64((wait / .seconds(1)).rounded(.up)))
        return Refusal(
            .rateLimited,
            "Too many requests. Retry after \(seconds) seconds.",
            retryAfter: .seconds(seconds)
        )
    }

    /// A sentence for people.
    package var message: String { field.map { "\($0) \(detail)" } ?? detail }

    /// `reason`, `message` and, where there is one, `retry_after` in milliseconds.
    package var json: JSONObject {
        var object: JSONObject = ["reason": .string(reason.rawValue), "message": .string(message)]
        if let retryAfter { object["retry_after"] = .integer(retryAfter.components.seconds * 1000) }
        return object
    }
}
