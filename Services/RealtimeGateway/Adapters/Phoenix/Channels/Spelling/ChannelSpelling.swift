import EventSchema
import Foundation
import RealtimeDomain

/// What happens in a channel in the words of contract 5.
enum ChannelSpelling {
    static func channel(_ conversation: Conversation) -> JSONValue {
        [
            "id": .string(conversation.key.id),
            "name": .string(conversation.name),
            "type": .string(conversation.access.rawValue),
            "description": .optional(conversation.description),
        ]
    }

    static func user(_ profile: Profile) -> JSONValue {
        ["id": .string(profile.userID), "name": .string(profile.name), "avatar_url": .optional(profile.avatarURL)]
    }

    static func message(_ message: StoredMessage) -> JSONValue {
        var object: JSONObject = [
            "id": .string(message.id.lowercased),
            "channel_id": .string(message.conversation.id),
            "seq": .integer(message.seq),
            "content": .string(message.content.text),
            "user": user(message.author),
            "inserted_at": .string(message.insertedAt.description),
            "is_edited": .bool(message.editedAt != nil),
            "edited_at": .optional(message.editedAt?.description),
            "attachments": .array(message.attachments.map(\.json)),
            "mentions": .array(message.mentions.map(JSONValue.string)),
            "reactions": .array(message.reactions.map(reaction)),
            "thread_id": .optional(message.threadID?.lowercased),
        ]
        if let thread = message.thread { object["thread"] = self.thread(thread) }
        return .object(object)
    }

    static func thread(_ thread: MessageThread) -> JSONValue {
        [
            "id": .string(thread.id.lowercased),
            "message_count": .integer(thread.messageCount),
            "participants": .array(thread.participants.map(JSONValue.string)),
        ]
    }

    /// The id as clients see it: `reaction_` and a UUID.
    static func id(_ reaction: Reaction) -> JSONValue { .string("reaction_\(reaction.id.lowercased)") }

    static func reaction(_ reaction: Reaction) -> JSONValue {
        [
            "id": id(reaction),
            "emoji": .string(reaction.emoji),
            "user": ["id": .string(reaction.user.userID), "name": .string(reaction.user.name)],
            "inserted_at": .string(reaction.insertedAt.description),
        ]
    }

    /// The event by which everybody in the channel hears of something; `nil` if nobody has to.
    static func event(_ event: ConversationEvent, in channel: ConversationKey) -> (name: String, payload: JSONObject)? {
        switch event {
        case .posted(let message):
            guard let thread = message.threadID else { return ("new_message", ["message": self.message(message)]) }
            return ("thread_reply", ["thread_id": .string(thread.lowercased), "reply": self.message(message)])
        case .edited(let message): return ("message_updated", ["message": self.message(message)])
        case .deleted(let id): return ("message_deleted", ["message_id": .string(id.lowercased)])
        case .reacted(let reaction):
            return (
                "reaction_added",
                ["message_id": .string(reaction.messageID.lowercased), "reaction": self.reaction(reaction)]
            )
        case .reactedBefore, .readBefore, .moderated: return nil
        case .withdrawn(let reaction): return ("reaction_removed", ["reaction": withdrawn(reaction)])
        case .threadStarted(let thread):
            return ("thread_started", ["message_id": .string(thread.id.lowercased), "thread": self.thread(thread)])
        case .read(let receipt): return ("message_read", self.receipt(receipt, channel))
        }
    }

    static func withdrawn(_ reaction: Reaction) -> JSONValue {
        [
            "id": id(reaction),
            "emoji": .string(reaction.emoji),
            "message_id": .string(reaction.messageID.lowercased),
        ]
    }

    static func receipt(_ receipt: ReadReceipt, _ channel: ConversationKey) -> JSONObject {
        [
            "channel_id": .string(channel.id),
            "user_id": .string(receipt.userID),
            "message_id": .string(receipt.messageID.lowercased),
            "seq": .integer(receipt.seq),
            "read_at": .string(receipt.readAt.description),
        ]
    }
}

extension JSONValue {
    static func optional(_ text: String?) -> JSONValue { text.map(JSONValue.string) ?? .null }
}
