/// What backends do to conversations and users by asking the gateway itself; each is durable when it returns, done on
/// this node, and told to the others.
package protocol ConversationManagement: Sendable {
    /// Describes a conversation, and returns it as it is now; `isNew` is whether nobody had described it before.
    func save(_ update: ConversationUpdate) async throws(Refusal) -> (overview: ConversationOverview, isNew: Bool)

    /// Deletes a conversation and everything that was said in it; returns whether there was any.
    func delete(_ key: ConversationKey) async throws(Refusal) -> Bool

    /// Adds or removes a member of a conversation that has been described; returns whether that changed something.
    ///
    /// - Throws: ``Refusal`` with `notFound` for an unknown conversation.
    func apply(_ update: MemberUpdate) async throws(Refusal) -> Bool

    /// The kinds of which there is a described conversation with this id.
    func kinds(of id: String) async throws(Refusal) -> [ConversationKey.Kind]

    func overview(of key: ConversationKey) async throws(Refusal) -> ConversationOverview?

    /// Described conversations in the order of their keys, of all or of one workspace: the first `limit` behind `key`.
    func overviews(
        ofWorkspace workspaceID: String?,
        after key: String,
        limit: Int
    ) async throws(Refusal) -> [ConversationOverview]

    /// Closes all connections of a user, wherever they are.
    func disconnect(_ userID: String) async throws(Refusal)
}

extension Refusal {
    package static let unknownConversation = Refusal(.notFound, "there is no such conversation")
}
