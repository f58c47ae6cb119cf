package import EventSchema

/// What a backend says of a conversation; what it leaves out stays as it was.
package struct ConversationUpdate: Sendable, Hashable {
    package let key: ConversationKey
    package var name: String?
    package var access: Conversation.Access?
    package var description: String?
    package var workspaceID: String?
    package var ownerID: String?
    /// All members, in place of those that there were.
    package var members: [String]?

    package init(
        _ key: ConversationKey,
        name: String? = nil,
        access: Conversation.Access? = nil,
        description: String? = nil,
        workspaceID: String? = nil,
        ownerID: String? = nil,
        members: [String]? = nil
    ) {
        self.key = key
        self.name = name
        self.access = access
        self.description = description
        self.workspaceID = workspaceID
        self.ownerID = ownerID
        self.members = members
    }

    package init(_ event: ConversationUpdated) {
        self.init(
            ConversationKey(checkedKind: event.kind, event.conversationID),
            name: event.name,
            access: event.type.flatMap(Conversation.Access.init(rawValue:)),
            description: event.description,
            workspaceID: event.workspaceID,
            ownerID: event.ownerID,
            members: event.members
        )
    }

    /// The conversation with this changed.
    func applied(to previous: Conversation?) -> Conversation {
        var conversation = previous ?? Conversation(key)
        if let name { conversation.name = name.isEmpty ? key.id : name }
        if let access { conversation.access = access }
        if let description { conversation.description = description.isEmpty ? nil : description }
        if let workspaceID { conversation.workspaceID = workspaceID }
        if let ownerID { conversation.ownerID = ownerID }
        return conversation
    }
}

/// Somebody comes to belong to a conversation, or no more.
package struct MemberUpdate: Sendable, Hashable {
    package let key: ConversationKey
    package let userID: String
    package let isAdded: Bool
    /// How the user is shown to others, as far as the backend says.
    package var name: String?
    package var avatarURL: String?

    package init(
        _ key: ConversationKey,
        userID: String,
        isAdded: Bool,
        name: String? = nil,
        avatarURL: String? = nil
    ) {
        self.key = key
        self.userID = userID
        self.isAdded = isAdded
        self.name = name
        self.avatarURL = avatarURL
    }

    package init(_ event: MemberUpdated) {
        self.init(
            ConversationKey(checkedKind: event.kind, event.conversationID),
            userID: event.userID,
            isAdded: event.action == "added",
            name: event.name,
            avatarURL: event.avatarURL
        )
    }
}

extension ConversationKey {
    /// - Parameter kind: A word of the schema, which has those that are known here.
    fileprivate init(checkedKind kind: String, _ id: String) {
        guard let kind = Kind(rawValue: kind) else { preconditionFailure("\(kind) is no kind of conversation") }
        self.init(kind, id)
    }
}
