package import EventSchema
package import Foundation

/// What a client wants to say, read only as far as needed.
package struct MessageDraft: Sendable, Hashable {
    package let conversation: ConversationKey
    package let author: Profile
    package let content: MessageContent
    /// The stream position of a comment, as the client wrote the number; `nil` if it gave none.
    package let position: String?
    /// The message to which it replies.
    package let threadID: UUID?
    package let attachments: [Attachment]
    package let mentions: [String]
    package let insertedAt: Timestamp

    /// What somebody says in a room or a stream.
    package init(
        _ content: MessageContent,
        in conversation: ConversationKey,
        author: Profile,
        at insertedAt: Timestamp
    ) {
        self.content = content
        self.conversation = conversation
        self.author = author
        self.insertedAt = insertedAt
        (position, threadID, attachments, mentions) = (nil, nil, [], [])
    }

    /// Reads a payload that `author` sent.
    ///
    /// Comments on a stream have a position, messages of a channel attachments, mentions and a thread.
    ///
    /// - Throws: ``Refusal`` for content that may not be said, or said in somebody else's name.
    package init(
        _ payload: Span<UInt8>,
        in conversation: ConversationKey,
        author: Identity,
        at insertedAt: Timestamp
    ) throws(Refusal) {
        let fields = try PayloadFields(payload)
        try fields.checkAuthor(author, in: payload)
        self.conversation = conversation
        self.author = author.profile
        self.insertedAt = insertedAt
        content = try fields.content(in: payload)
        position = conversation.kind == .stream ? try fields.position(in: payload) : nil
        if conversation.kind == .channel {
            threadID = try fields.identifier("thread_id", in: payload)
            attachments = try Attachment.list(try fields.value("attachments", in: payload))
            mentions = Mentions.find(in: content.text)
        } else {
            (threadID, attachments, mentions) = (nil, [], [])
        }
    }
}
