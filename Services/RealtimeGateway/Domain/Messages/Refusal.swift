package import EventSchema

/// Why a client's request is not done; a value to answer with, in each protocol's own spelling.
package struct Refusal: Error, Hashable {
    /// Stable words for programs.
    @nonexhaustive package enum Reason: String, Sendable {
        case invalidPayload = "invalid_payload"
        case invalidContent = "invalid_content"
        case forbidden
        case unknownEvent = "unknown_event"
    }

    package let reason: Reason
    /// A sentence for people.
    package let message: String

    package init(_ reason: Reason, _ message: String) {
        self.reason = reason
        self.message = message
    }

    package static let foreignTopic = Refusal(.forbidden, "Insufficient permissions")

    package var json: JSONObject {
        ["reason": .string(reason.rawValue), "message": .string(message)]
    }
}
