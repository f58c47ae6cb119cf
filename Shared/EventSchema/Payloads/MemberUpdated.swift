/// A backend lets somebody into a conversation, or takes them out.
package struct MemberUpdated: EventPayload {
    package static let eventType = "member.updated"

    /// Bytes.
    package static let maximumURL = 2048
    package static let actions = ["added", "removed"]

    package var conversationID: String
    /// One of ``ConversationUpdated/kinds``.
    package var kind: String
    package var userID: String
    /// One of ``actions``.
    package var action: String
    /// How the user is shown to the others.
    package var name: String?
    package var avatarURL: String?
    package var additional: JSONObject

    package init(reading reader: inout ObjectReader) throws(SchemaError) {
        conversationID = try reader.identifier("conversation_id")
        kind = try reader.word("kind", of: ConversationUpdated.kinds)
        userID = try reader.identifier("user_id")
        action = try reader.word("action", of: Self.actions)
        name = try reader.optionalText("name", maximum: ConversationUpdated.maximumName)
        avatarURL = try reader.optionalText("avatar_url", maximum: Self.maximumURL)
        additional = reader.remaining
    }

    package var json: JSONObject {
        var object = additional
        object["conversation_id"] = .string(conversationID)
        object["kind"] = .string(kind)
        object["user_id"] = .string(userID)
        object["action"] = .string(action)
        object.set("name", name)
        object.set("avatar_url", avatarURL)
        return object
    }
}
