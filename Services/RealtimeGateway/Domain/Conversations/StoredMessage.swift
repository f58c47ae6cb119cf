package import EventSchema
package import Foundation

/// A message of a conversation as it is stored.
package struct StoredMessage: Sendable, Hashable {
    /// A UUIDv7; those that one process gives order as the messages are told, see `UUID.timeOrder`.
    package let id: UUID
    package let conversation: ConversationKey
    /// Counts the messages of the conversation from 1, replies in threads included.
    package let seq: Int64
    package let author: Profile
    package var content: MessageContent
    /// Where in a stream it belongs, as its author spelled the number.
    package let position: String?
    /// The message whose thread it belongs to.
    package let threadID: UUID?
    package let attachments: [Attachment]
    /// Users whom it names.
    package var mentions: [String]
    package let insertedAt: Timestamp
    package var editedAt: Timestamp?
    package var reactions: [Reaction] = []
    /// The thread that was started at it.
    package var thread: MessageThread?

    /// About how many bytes a client is sent for it.
    var weight: Int {
        let attached = attachments.reduce(0) { $0 + $1.url.utf8.count + $1.filename.utf8.count + 128 }
        return 512 + content.literal.utf8.count + attached + 256 * reactions.count
    }

    package init(_ draft: MessageDraft, id: UUID, seq: Int64) {
        self.init(
            id: id,
            conversation: draft.conversation,
            seq: seq,
            author: draft.author,
            content: draft.content,
            position: draft.position,
            threadID: draft.threadID,
            attachments: draft.attachments,
            mentions: draft.mentions,
            insertedAt: draft.insertedAt
        )
    }

    package init(
        id: UUID,
        conversation: ConversationKey,
        seq: Int64,
        author: Profile,
        content: MessageContent,
        position: String? = nil,
        threadID: UUID? = nil,
        attachments: [Attachment] = [],
        mentions: [String] = [],
        insertedAt: Timestamp,
        editedAt: Timestamp? = nil
    ) {
        self.id = id
        self.conversation = conversation
        self.seq = seq
        self.author = author
        self.content = content
        self.position = position
        self.threadID = threadID
        self.attachments = attachments
        self.mentions = mentions
        self.insertedAt = insertedAt
        self.editedAt = editedAt
    }
}

/// What is known of a thread without reading it.
package struct MessageThread: Sendable, Hashable {
    /// The id of the message at which it was started, which is the thread's, too.
    package let id: UUID
    package var messageCount: Int64
    /// Users who replied, the first ones.
    package var participants: [String]

    package init(id: UUID, messageCount: Int64 = 0, participants: [String] = []) {
        self.id = id
        self.messageCount = messageCount
        self.participants = participants
    }
}

/// Somebody's answer to a message in one sign.
package struct Reaction: Sendable, Hashable {
    package let id: UUID
    package let messageID: UUID
    package let emoji: String
    package let user: Profile
    package let insertedAt: Timestamp

    package init(id: UUID, messageID: UUID, emoji: String, user: Profile, insertedAt: Timestamp) {
        self.id = id
        self.messageID = messageID
        self.emoji = emoji
        self.user = user
        self.insertedAt = insertedAt
    }
}
