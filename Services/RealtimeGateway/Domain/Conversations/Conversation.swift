/// A place where people talk, as its backend describes it.
package struct Conversation: Sendable, Hashable {
    package enum Access: String, Sendable {
        /// Everybody with a token.
        case `public`
        /// Its members.
        case `private`
    }

    package let key: ConversationKey
    package var name: String
    package var access: Access
    package var description: String?
    /// The workspace of a channel.
    package var workspaceID: String?
    /// Who may moderate it besides moderators.
    package var ownerID: String?

    package init(
        _ key: ConversationKey,
        name: String? = nil,
        access: Access = .public,
        description: String? = nil,
        workspaceID: String? = nil,
        ownerID: String? = nil
    ) {
        self.key = key
        self.name = name ?? key.id
        self.access = access
        self.description = description
        self.workspaceID = workspaceID
        self.ownerID = ownerID
    }
}
