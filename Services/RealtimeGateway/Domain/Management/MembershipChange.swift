package import EventSchema

/// Somebody belongs to a conversation, or does not any more; what nodes tell one another.
package struct MembershipChange: EventPayload {
    package static let eventType = "membership.changed"

    package let key: ConversationKey
    package let user: Profile
    package let isAdded: Bool
    /// Whether it was otherwise before.
    package let isNews: Bool
    /// The workspace of the channel, if it is one.
    package let workspaceID: String?
    /// Whether others than members may know of the conversation.
    package let isPrivate: Bool

    init(_ key: ConversationKey, of conversation: Conversation?, user: Profile, isAdded: Bool, isNews: Bool) {
        self.key = key
        self.user = user
        self.isAdded = isAdded
        self.isNews = isNews
        workspaceID = conversation?.workspaceID
        isPrivate = conversation?.access == .private
    }

    package init(reading reader: inout ObjectReader) throws(SchemaError) {
        key = try ConversationKey(reading: &reader)
        user = Profile(
            userID: try reader.string("user_id"),
            name: try reader.string("name"),
            avatarURL: try reader.optionalString("avatar_url")
        )
        isAdded = try reader.bool("added")
        isNews = try reader.bool("news")
        workspaceID = try reader.optionalString("workspace_id")
        isPrivate = try reader.bool("private")
    }

    package var json: JSONObject {
        var object = key.json
        object["user_id"] = .string(user.userID)
        object["name"] = .string(user.name)
        object.set("avatar_url", user.avatarURL)
        object["added"] = .bool(isAdded)
        object["news"] = .bool(isNews)
        object.set("workspace_id", workspaceID)
        object["private"] = .bool(isPrivate)
        return object
    }
}
