import EventSchema
import Foundation
import NIOCore
import RealtimeDomain
import RealtimeHTTP

/// Messages of rooms and streams in the words of contract 1.
enum RoomSpelling {
    /// The event that brings a message, which is also the one by which a client sends it.
    static func event(_ kind: ConversationKey.Kind) -> String { kind == .stream ? "new_comment" : "new_message" }

    /// The id as clients see it: `msg-` or `comment-` and a UUID.
    static func id(_ message: StoredMessage) -> String {
        (message.conversation.kind == .stream ? "comment-" : "msg-") + message.id.lowercased
    }

    /// Written by hand, with the content as it came: a room may hear thousands of these a second.
    static func payload(_ message: StoredMessage) -> EventContent {
        var writer = JSONWriter(capacity: message.content.literal.utf8.count + 224)
        writer.write(literal: #"{"content":"#)
        writer.write(literal: message.content.literal)
        writer.write(literal: #","id":"#)
        writer.write(string: id(message))
        let isComment = message.conversation.kind == .stream
        if isComment {
            writer.write(literal: #","inserted_at":"#)
            writer.write(string: message.insertedAt.description)
        }
        writer.write(literal: #","seq":"#)
        writer.write(literal: String(message.seq))
        writer.write(literal: #","timestamp":"#)
        if isComment {
            // Contract 1 calls the stream position `timestamp`.
            writer.write(literal: message.position ?? "null")
        } else {
            writer.write(string: message.insertedAt.description)
        }
        writer.write(literal: #","user_id":"#)
        writer.write(string: message.author.userID)
        writer.write(literal: "}")
        return .json(ByteBuffer(bytes: writer.bytes))
    }
}
