package import EventSchema
package import Foundation

/// A moderator has decided something; what clients hear of it, and what nodes tell one another.
///
/// It holds for the id of the conversation, be it a room's or a stream's.
package struct ModerationEvent: Sendable, Hashable {
    /// The same on every node.
    package let id: UUID
    package let action: ModerationAction
    package let conversation: ConversationKey
    package let moderator: Profile
    package let at: Timestamp

    package init(
        id: UUID,
        _ action: ModerationAction,
        in conversation: ConversationKey,
        by moderator: Profile,
        at timestamp: Timestamp
    ) {
        self.id = id
        self.action = action
        self.conversation = conversation
        self.moderator = moderator
        at = timestamp
    }

    /// Whom it concerns; `nil` if it is everybody.
    package var userID: String? { action.userID }
    package var reason: String? { action.reason }
    /// How long it holds, in seconds; `nil` if it has no end.
    package var duration: Int64? { action.seconds }
    /// When it ends; `nil` if it has no end.
    package var until: Timestamp? { duration.map { Timestamp(milliseconds: at.milliseconds + $0 * 1000) } }

    /// What is in force from now on; `nil` if this ends something.
    package var sanction: Sanction? {
        switch action {
        case .ban(let user, _, _): sanction(.ban, of: user)
        case .mute(let user, _, _): sanction(.mute, of: user)
        case .slowMode(let interval?): sanction(.slowMode, of: "", interval: interval)
        case .unban, .unmute, .slowMode: nil
        }
    }

    private func sanction(_ kind: Sanction.Kind, of userID: String, interval: Int64? = nil) -> Sanction {
        Sanction(
            kind,
            of: userID,
            reason: reason,
            moderatorID: moderator.userID,
            at: at,
            until: until,
            interval: interval
        )
    }
}

extension ModerationEvent: EventPayload {
    package static let eventType = "moderation.changed"

    package init(reading reader: inout ObjectReader) throws(SchemaError) {
        id = try reader.uuid("id")
        conversation = try ConversationKey(reading: &reader)
        action = try ModerationAction(reading: &reader)
        moderator = Profile(
            userID: try reader.string("moderator_id"),
            name: try reader.string("moderator_name"),
            avatarURL: try reader.optionalString("moderator_avatar_url")
        )
        at = Timestamp(milliseconds: try reader.integer("at"))
    }

    package var json: JSONObject {
        var object = conversation.json.merging(action.json) { $1 }
        object["id"] = .string(id.lowercased)
        object["moderator_id"] = .string(moderator.userID)
        object["moderator_name"] = .string(moderator.name)
        object.set("moderator_avatar_url", moderator.avatarURL)
        object["at"] = .integer(at.milliseconds)
        return object
    }
}

extension ModerationAction {
    /// Takes `action` and what belongs to it.
    fileprivate init(reading reader: inout ObjectReader) throws(SchemaError) {
        let word = try reader.string("action")
        switch word {
        case "ban":
            self = .ban(
                user: try reader.string("user_id"),
                reason: try reader.optionalString("reason"),
                seconds: try reader.optionalInteger("duration")
            )
        case "mute":
            self = .mute(
                user: try reader.string("user_id"),
                reason: try reader.optionalString("reason"),
                seconds: try reader.optionalInteger("duration")
            )
        case "unban": self = .unban(user: try reader.string("user_id"))
        case "unmute": self = .unmute(user: try reader.string("user_id"))
        case "slow_mode": self = .slowMode(interval: try reader.optionalInteger("interval"))
        default: throw .invalid(reader.path(of: "action"), "unknown: \(word)")
        }
    }

    fileprivate var json: JSONObject {
        var object: JSONObject = ["action": .string(word)]
        object.set("user_id", userID)
        object.set("reason", reason)
        if let seconds { object["duration"] = .integer(seconds) }
        if case .slowMode(let interval?) = self { object["interval"] = .integer(interval) }
        return object
    }

    private var word: String {
        switch self {
        case .ban: "ban"
        case .unban: "unban"
        case .mute: "mute"
        case .unmute: "unmute"
        case .slowMode: "slow_mode"
        }
    }
}
