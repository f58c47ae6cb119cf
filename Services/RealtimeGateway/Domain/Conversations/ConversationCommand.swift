package import EventSchema
package import Foundation

/// What somebody wants to happen in a conversation.
package enum ConversationCommand: Sendable {
    case send(MessageDraft)
    case edit(message: UUID, content: MessageContent)
    case delete(message: UUID)
    case react(message: UUID, emoji: String)
    case withdraw(reaction: UUID)
    case startThread(message: UUID)
    case markRead(message: UUID)
    case moderate(ModerationAction)
}

/// A command with who gave it, where and when.
package struct ConversationRequest: Sendable {
    package let command: ConversationCommand
    package let conversation: ConversationKey
    package let author: Profile
    /// Whether the author may delete what others wrote, and impose sanctions.
    package let isModerator: Bool
    let isAdmin: Bool
    package let at: Timestamp
    /// The id of the message or reaction that comes of it: given by ``RequestQueue``, before anything is written, so that
    /// it can be looked for.
    var id = UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))

    package init(
        _ command: ConversationCommand,
        in conversation: ConversationKey,
        by identity: Identity,
        at timestamp: Timestamp
    ) {
        self.command = command
        self.conversation = conversation
        author = identity.profile
        isModerator = identity.isModerator
        isAdmin = identity.mayEnterAnywhere
        at = timestamp
    }
}

/// What has happened in a conversation; once this is told it is durable.
package enum ConversationEvent: Sendable {
    case posted(StoredMessage)
    case edited(StoredMessage)
    case deleted(message: UUID)
    case reacted(Reaction)
    /// The reaction was there already; nobody needs to hear of it.
    case reactedBefore(Reaction)
    case withdrawn(Reaction)
    case threadStarted(MessageThread)
    case read(ReadReceipt)
    /// The user has read further; nobody needs to hear of it.
    case readBefore(ReadReceipt)
    case moderated(ModerationEvent)
}

/// Up to where somebody has read.
package struct ReadReceipt: Sendable, Hashable {
    package let userID: String
    package let messageID: UUID
    package let seq: Int64
    package let readAt: Timestamp

    package init(userID: String, messageID: UUID, seq: Int64, readAt: Timestamp) {
        self.userID = userID
        self.messageID = messageID
        self.seq = seq
        self.readAt = readAt
    }
}
