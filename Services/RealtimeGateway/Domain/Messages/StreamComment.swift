package import EventSchema
import Foundation

/// A comment on a live stream as everybody who watches receives it.
package struct StreamComment: Sendable, Hashable {
    package static let event = "new_comment"

    /// `comment-` and a UUID that orders by time.
    package let id: String
    package let content: MessageContent
    package let userID: String
    /// Where in the stream it belongs, as its author's player counts, spelled as it came.
    package let position: String?
    package let insertedAt: Timestamp

    package init(_ draft: MessageDraft, by author: Identity, at insertedAt: Timestamp) {
        id = "comment-\(UUID.timeOrdered(at: insertedAt).lowercased)"
        content = draft.content
        position = draft.position
        userID = author.userID
        self.insertedAt = insertedAt
    }

    package var payload: [UInt8] {
        var writer = JSONWriter(capacity: content.literal.utf8.count + 224)
        writer.write(literal: #"{"content":"#)
        writer.write(literal: content.literal)
        writer.write(literal: #","id":"#)
        writer.write(string: id)
        writer.write(literal: #","inserted_at":"#)
        writer.write(string: insertedAt.description)
        // Contract 1 calls the stream position `timestamp`.
        writer.write(literal: #","timestamp":"#)
        writer.write(literal: position ?? "null")
        writer.write(literal: #","user_id":"#)
        writer.write(string: userID)
        writer.write(literal: "}")
        return writer.bytes
    }
}
