package import EventSchema

/// Does what backends want of conversations and their members, within a transaction.
///
/// What it returns is what all nodes have to hear of, once the transaction is durable.
package struct ConversationEditor {
    private let transaction: any ConversationTransaction
    private let now: Timestamp

    package init(_ transaction: any ConversationTransaction, at now: Timestamp) {
        self.transaction = transaction
        self.now = now
    }

    /// Does what an event says.
    package func apply(_ event: ConversationUpdated) throws -> ConversationChange {
        let update = ConversationUpdate(event)
        return event.deleted == true ? try delete(update.key).change : try save(update)
    }

    package func save(_ update: ConversationUpdate) throws -> ConversationChange {
        try transaction.lock(update.key, at: now)
        let previous = try transaction.conversation(update.key)
        let current = update.applied(to: previous)
        try transaction.save(current, at: now)
        if let members = update.members { try transaction.setMembers(members, of: update.key, at: now) }
        return ConversationChange(update.key, from: previous, to: current)
    }

    /// Describes a conversation that nobody has described before; else it does nothing.
    package func introduce(_ update: ConversationUpdate) throws -> ConversationChange? {
        try transaction.lock(update.key, at: now)
        return try transaction.conversation(update.key) == nil ? try save(update) : nil
    }

    /// Deletes a conversation; `existed` is whether there was anything.
    package func delete(_ key: ConversationKey) throws -> (change: ConversationChange, existed: Bool) {
        try transaction.lock(key, at: now)
        let previous = try transaction.conversation(key)
        let isSilent = try transaction.messages(of: key, after: 0, limit: 1).isEmpty
        try transaction.delete(key)
        return (ConversationChange(key, from: previous, to: nil), previous != nil || !isSilent)
    }

    /// Adds or removes a member; it may come before the conversation is described.
    package func apply(_ update: MemberUpdate) throws -> MembershipChange {
        try transaction.lock(update.key, at: now)
        let isNews =
            update.isAdded
            ? try transaction.addMember(update.userID, to: update.key, at: now)
            : try transaction.removeMember(update.userID, of: update.key)
        return MembershipChange(
            update.key,
            of: try transaction.conversation(update.key),
            user: try profile(update),
            isAdded: update.isAdded,
            isNews: isNews
        )
    }

    /// How the user is shown: as the backend says, else as their last token said.
    private func profile(_ update: MemberUpdate) throws -> Profile {
        let known = try transaction.profile(of: update.userID)
        return Profile(
            userID: update.userID,
            name: update.name ?? known?.name,
            avatarURL: update.avatarURL ?? known?.avatarURL
        )
    }
}
