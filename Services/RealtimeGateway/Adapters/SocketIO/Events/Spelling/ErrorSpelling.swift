import EventSchema
import Foundation
import RealtimeDomain

/// The two contracts whose clients speak Socket.IO; they spell errors and answers to `authenticate` differently.
enum SocketContract: Sendable, Hashable {
    /// Contract 3: a forum's notifications, user status and threads.
    case forum
    /// Contract 4: streams with chat, moderation, reactions and figures.
    case streams

    /// The contract that an event belongs to, by its name: contract 4's have a colon.
    init(event: String) { self = event.contains(":") ? .streams : .forum }
}

/// A refusal as the argument of an `error` event.
enum ErrorSpelling {
    static func payload(_ refusal: Refusal, in contract: SocketContract, at now: Timestamp) -> JSONObject {
        switch contract {
        case .forum: forum(refusal, now)
        case .streams: streams(refusal)
        }
    }

    /// Contract 3: `error`, `code`, `details` with the field at fault, `timestamp`.
    private static func forum(_ refusal: Refusal, _ now: Timestamp) -> JSONObject {
        var details: JSONObject = [:]
        if let field = refusal.field { details[field] = .string(refusal.detail) }
        if let seconds = seconds(refusal.retryAfter) { details["retry_after"] = .integer(seconds) }
        return [
            "error": .string(refusal.message),
            "code": .string(code(refusal.reason)),
            "details": .object(details),
            "timestamp": .string(now.description),
        ]
    }

    /// Contract 4: `type`, `message` and, for who was too fast, `retry_after` in seconds.
    private static func streams(_ refusal: Refusal) -> JSONObject {
        var payload: JSONObject = [
            "type": .string(type(refusal.reason)), "message": .string(refusal.message),
            "reason": .string(refusal.reason.rawValue),
        ]
        payload.set("field", refusal.field)
        if let seconds = seconds(refusal.retryAfter) { payload["retry_after"] = .integer(seconds) }
        return payload
    }

    private static func seconds(_ duration: Duration?) -> Int64? {
        duration.map { max(1, Int64(($0 / .seconds(1)).rounded(.up))) }
    }

    private static func code(_ reason: Refusal.Reason) -> String {
        switch reason {
        case .unauthorized: "AUTH_FAILED"
        case .forbidden, .banned, .muted: "PERMISSION_DENIED"
        case .rateLimited, .slowMode: "RATE_LIMITED"
        case .invalidPayload, .invalidContent, .notFound, .unknownEvent, .tooLate: "VALIDATION_ERROR"
        default: "SERVER_ERROR"
        }
    }

    private static func type(_ reason: Refusal.Reason) -> String {
        switch reason {
        case .unauthorized: "authentication_failed"
        case .forbidden, .banned, .muted: "permission_denied"
        case .rateLimited, .slowMode: "rate_limit_exceeded"
        case .invalidPayload, .invalidContent, .notFound, .unknownEvent, .tooLate: "invalid_request"
        default: "server_error"
        }
    }
}
