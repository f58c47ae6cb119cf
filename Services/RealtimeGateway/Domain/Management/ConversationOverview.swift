/// A conversation as backends see it.
package struct ConversationOverview: Sendable, Hashable {
    package let conversation: Conversation
    package let lastSeq: Int64
    package let memberCount: Int64
    /// The first ones by their ids; `nil` where they were not asked for.
    package let members: [String]?

    /// Members that are listed at most.
    package static let maximumMembers = 10_000

    package init(conversation: Conversation, lastSeq: Int64, memberCount: Int64, members: [String]? = nil) {
        self.conversation = conversation
        self.lastSeq = lastSeq
        self.memberCount = memberCount
        self.members = members
    }

    /// - Throws: what the store throws.
    package init?(_ key: ConversationKey, in transaction: any ConversationTransaction) throws {
        guard let conversation = try transaction.conversation(key) else { return nil }
        self.init(
            conversation: conversation,
            lastSeq: try transaction.lastSeq(of: key),
            memberCount: try transaction.memberCount(of: key),
            members: try transaction.members(of: key, limit: Self.maximumMembers)
        )
    }
}
