package import EventSchema
import Foundation

/// A message as everybody in a room receives it.
package struct ChatMessage: Sendable, Hashable {
    package static let event = "new_message"

    /// `msg-` and a UUID that orders by time.
    package let id: String
    package let content: MessageContent
    package let userID: String
    package let timestamp: Timestamp

    package init(_ draft: MessageDraft, by author: Identity, at timestamp: Timestamp) {
        id = "msg-\(UUID.timeOrdered(at: timestamp).lowercased)"
        content = draft.content
        userID = author.userID
        self.timestamp = timestamp
    }

    package var payload: [UInt8] {
        var writer = JSONWriter(capacity: content.literal.utf8.count + 192)
        writer.write(literal: #"{"content":"#)
        writer.write(literal: content.literal)
        writer.write(literal: #","id":"#)
        writer.write(string: id)
        writer.write(literal: #","timestamp":"#)
        writer.write(string: timestamp.description)
        writer.write(literal: #","user_id":"#)
        writer.write(string: userID)
        writer.write(literal: "}")
        return writer.bytes
    }
}
