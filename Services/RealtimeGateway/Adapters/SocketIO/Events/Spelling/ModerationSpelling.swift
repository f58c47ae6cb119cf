import EventSchema
import RealtimeDomain

/// What moderators do, in the words of contract 4.
enum ModerationSpelling {
    static func isAction(_ event: String) -> Bool { actions.contains(event) }

    private static let actions: Set = [
        "moderation:ban", "moderation:unban", "moderation:mute", "moderation:unmute", "moderation:slow-mode",
    ]

    /// The action that a client asks for by an event, which is one of them.
    static func action(_ event: String, _ fields: SocketFields) throws(Refusal) -> ModerationAction {
        switch event {
        case "moderation:ban":
            .ban(user: try target(fields), reason: try reason(fields), seconds: try fields.integer("duration"))
        case "moderation:unban": .unban(user: try target(fields))
        case "moderation:mute":
            .mute(user: try target(fields), reason: try reason(fields), seconds: try fields.integer("duration"))
        case "moderation:unmute": .unmute(user: try target(fields))
        default: try slowMode(fields)
        }
    }

    private static func target(_ fields: SocketFields) throws(Refusal) -> String {
        try fields.requiredID("target_user_id")
    }

    private static func reason(_ fields: SocketFields) throws(Refusal) -> String? {
        try fields.text("reason", maximum: 4 * ModerationAction.maximumReason)
    }

    private static func slowMode(_ fields: SocketFields) throws(Refusal) -> ModerationAction {
        guard let isEnabled = try fields.bool("enabled") else {
            throw Refusal(.invalidPayload, "must be true or false", field: "enabled")
        }
        guard isEnabled else { return .slowMode(interval: nil) }
        return .slowMode(interval: try fields.integer("interval") ?? defaultInterval)
    }

    /// Seconds of slow mode for who does not say how slow: contract 4's example.
    private static let defaultInterval: Int64 = 5

    /// The events by which everybody hears of it: contract 4 spells some in two ways, and both are sent.
    static func events(_ event: ModerationEvent) -> [(name: String, payload: JSONObject)] {
        let payload = payload(event)
        return names(event.action).map { ($0, payload) }
    }

    private static func names(_ action: ModerationAction) -> [String] {
        switch action {
        case .ban: ["user.banned"]
        case .unban: ["user.unbanned"]
        case .mute: ["user.muted"]
        case .unmute: ["user.unmuted"]
        case .slowMode: ["chat.slow-mode", "chat:slow-mode"]
        }
    }

    private static func payload(_ event: ModerationEvent) -> JSONObject {
        var payload: JSONObject = [
            "stream_id": .string(event.conversation.id),
            "moderator_id": .string(event.moderator.userID),
            "timestamp": .string(event.at.description),
        ]
        switch event.action {
        case .ban, .mute:
            payload["duration"] = event.duration.map(JSONValue.integer) ?? .null
            payload["expires_at"] = event.until.map { .string($0.description) } ?? .null
            payload["reason"] = event.reason.map(JSONValue.string) ?? .null
        case .slowMode(let interval):
            payload["enabled"] = .bool(interval != nil)
            payload["interval"] = .integer(interval ?? 0)
        case .unban, .unmute: break
        }
        if let userID = event.userID { payload["user_id"] = .string(userID) }
        return payload
    }
}
