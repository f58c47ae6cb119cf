package import EventSchema
package import Foundation

/// Where conversations are kept.
package protocol ConversationStore: Sendable {
    /// Runs `work` in one transaction and returns once it is durable; it may run more than once, of which the last counts.
    ///
    /// - Throws: what `work` throws, ``UnknownOutcome``, ``StoreUnavailable``, or what is wrong with the work.
    func write<Value: Sendable>(
        _ work: @escaping @Sendable (any ConversationTransaction) throws -> Value
    ) async throws -> Value

    /// Runs `work` on what was committed when it began.
    func read<Value: Sendable>(
        _ work: @escaping @Sendable (any ConversationTransaction) throws -> Value
    ) async throws -> Value
}

/// The store was lost while it committed: what was to be written may be there or not.
package struct UnknownOutcome: Error {
    package init() {}
}

/// The store takes nothing now; the same may succeed later.
///
/// Nothing was written.
package struct StoreUnavailable: Error {
    package init() {}
}

/// What can be asked of the store and done to it within a transaction.
package protocol ConversationTransaction {
    // MARK: Conversations

    func conversation(_ key: ConversationKey) throws -> Conversation?
    /// The seq of its last message; 0 if there is none.
    func lastSeq(of key: ConversationKey) throws -> Int64
    func isMember(_ userID: String, of key: ConversationKey) throws -> Bool

    // MARK: Management

    /// Has others who change what is known of a conversation wait until this transaction has ended.
    func lock(_ key: ConversationKey, at timestamp: Timestamp) throws
    func save(_ conversation: Conversation, at timestamp: Timestamp) throws
    /// Deletes a conversation with its members and everything that was said in it.
    func delete(_ key: ConversationKey) throws
    /// The kinds of which there is a described conversation with this id.
    func kinds(of id: String) throws -> [ConversationKey.Kind]
    /// Described conversations in the order of their keys as text: the first `limit` behind `key`.
    func conversations(ofWorkspace workspaceID: String?, after key: String, limit: Int) throws -> [Conversation]
    /// Puts `users`, of whom each is named once, in the place of the members.
    func setMembers(_ users: [String], of key: ConversationKey, at timestamp: Timestamp) throws
    /// Adds a member; returns whether the user was none.
    func addMember(_ userID: String, to key: ConversationKey, at timestamp: Timestamp) throws -> Bool
    /// Removes a member; returns whether the user was one.
    func removeMember(_ userID: String, of key: ConversationKey) throws -> Bool
    /// The first members in the order of their ids.
    func members(of key: ConversationKey, limit: Int) throws -> [String]
    func memberCount(of key: ConversationKey) throws -> Int64
    /// Those of `users` who are members.
    func members(of key: ConversationKey, among users: [String]) throws -> Set<String>

    // MARK: Moderation

    /// What is imposed on a conversation's id and is not over at `now`; the first `limit`.
    func sanctions(in conversationID: String, at now: Timestamp, limit: Int) throws -> [Sanction]
    /// Imposes something, in place of what of its kind was imposed on the user before.
    func save(_ sanction: Sanction, in conversationID: String) throws
    /// Ends what is imposed on a user; on everybody, if there is no user.
    func lift(_ kind: Sanction.Kind, of userID: String, in conversationID: String) throws
    /// The owners of rooms and streams with this id.
    func owners(of conversationID: String) throws -> [ConversationKey.Kind: String]

    // MARK: Nodes

    /// Has all nodes, this one too, told of something once the transaction is durable.
    ///
    /// - Throws: ``Refusal`` with `unavailable` if too much waits to be told; nothing was done then.
    func tellNodes(_ event: any EventPayload) throws

    // MARK: Messages

    /// Adds messages to one conversation, which need not exist, and returns the seq of the first.
    func append(_ messages: [(id: UUID, draft: MessageDraft)], to key: ConversationKey) throws -> Int64
    /// A message that has not been deleted.
    func message(_ id: UUID, in key: ConversationKey) throws -> StoredMessage?
    /// Messages that have not been deleted, in ascending order: the first `limit` behind `seq`.
    func messages(of key: ConversationKey, after seq: Int64, limit: Int) throws -> [StoredMessage]
    /// Messages outside of threads that have not been deleted, in ascending order: the last `limit` before `seq`.
    func messages(of key: ConversationKey, before seq: Int64, limit: Int) throws -> [StoredMessage]
    /// Messages that have not been deleted and whose id has a `timeOrder` above `order`, in ascending order of their seqs:
    /// the first `limit`.
    ///
    /// Where several nodes have written, their clocks being more than ten seconds apart, some may be missing.
    func messages(of key: ConversationKey, newerThan order: UInt64, limit: Int) throws -> [StoredMessage]
    /// The seq of a message, even a deleted one.
    func seq(of id: UUID, in key: ConversationKey) throws -> Int64?
    func setContent(of id: UUID, _ content: MessageContent, mentions: [String], at timestamp: Timestamp) throws
    /// Forgets what a message said; that there was one stays.
    func delete(_ id: UUID, at timestamp: Timestamp) throws

    // MARK: Threads, reactions, receipts, people

    /// Notes that a message has a thread, and returns what is in it.
    func startThread(at id: UUID, _ timestamp: Timestamp) throws -> MessageThread
    /// Adds a reaction, or returns the one that the user has made with the same emoji.
    func add(_ reaction: Reaction) throws -> Reaction
    /// How many reactions there are to a message, and how many of them are one user's.
    func reactionCounts(of message: UUID, by userID: String) throws -> (all: Int64, own: Int64)
    func reaction(_ id: UUID, in key: ConversationKey) throws -> Reaction?
    func remove(reaction id: UUID) throws
    /// Notes how far somebody has read; false if they have read further.
    func markRead(_ receipt: ReadReceipt, in key: ConversationKey) throws -> Bool
    func readReceipt(of userID: String, in key: ConversationKey) throws -> ReadReceipt?
    func save(_ profile: Profile, at timestamp: Timestamp) throws
    func profile(of userID: String) throws -> Profile?
}
