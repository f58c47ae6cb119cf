import EventSchema
import Foundation
import Persistence
import RealtimeDomain

extension SQLConversationTransaction {
    /// Rows of one statement: one or this many, so that there are two statements to prepare and not hundreds.
    private static let lot = 16

    func append(_ messages: [(id: UUID, draft: MessageDraft)], to key: ConversationKey) throws -> Int64 {
        guard let at = messages.first?.draft.insertedAt else { return try lastSeq(of: key) + 1 }
        let last = try advance(key, by: messages.count, at)
        let first = last - Int64(messages.count) + 1
        var rows = messages.enumerated().map { index, message in
            Self.values(message.id, message.draft, seq: first + Int64(index))
        }[...]
        while !rows.isEmpty {
            let lot = rows.prefix(rows.count < Self.lot ? 1 : Self.lot)
            try transaction.execute(lot.count == 1 ? Self.insertOne : Self.insertLot, lot.flatMap { $0 })
            rows = rows.dropFirst(lot.count)
        }
        for (_, draft) in messages {
            if let thread = draft.threadID { try noteReply(in: thread, draft.insertedAt) }
        }
        return first
    }

    /// Takes the next `count` seqs of a conversation, which from now on exists; returns the last of them.
    private func advance(_ key: ConversationKey, by count: Int, _ at: Timestamp) throws -> Int64 {
        try transaction.query(
            """
            INSERT INTO conversations (key, last_seq, created_at, updated_at) VALUES ($1, $2, $3, $3)
            ON CONFLICT (key) DO UPDATE SET last_seq = conversations.last_seq + excluded.last_seq RETURNING last_seq
            """,
            [.text(key.description), .int(count), .integer(at.milliseconds)]
        )[0].integer(0)
    }

    private static let columns = 10
    private static let insertOne = insert(rows: 1)
    private static let insertLot = insert(rows: lot)

    private static func insert(rows: Int) -> String {
        let lists = (0..<rows).map { row in
            "(" + (1...columns).map { "$\(row * columns + $0)" }.joined(separator: ", ") + ")"
        }
        return """
            INSERT INTO conversation_messages (
                conversation, seq, id, author_id, content, position, thread_id, attachments, mentions, inserted_at
            ) VALUES \(lists.joined(separator: ", "))
            """
    }

    private static func values(_ id: UUID, _ draft: MessageDraft, seq: Int64) -> [SQLValue] {
        [
            .text(draft.conversation.description), .integer(seq), .uuid(id), .text(draft.author.userID),
            .text(draft.content.text), .optional(draft.position), draft.threadID.map(SQLValue.uuid) ?? .null,
            .optional(json(draft.attachments.map(\.json))), .optional(json(draft.mentions.map(JSONValue.string))),
            .integer(draft.insertedAt.milliseconds),
        ]
    }

    static func json(_ elements: [JSONValue]) -> String? {
        elements.isEmpty ? nil : JSONValue.array(elements).description
    }

    private func noteReply(in thread: UUID, _ at: Timestamp) throws {
        try transaction.execute(
            """
            UPDATE conversation_messages
            SET reply_count = reply_count + 1, thread_started_at = COALESCE(thread_started_at, $1) WHERE id = $2
            """,
            [.integer(at.milliseconds), .uuid(thread)]
        )
    }
}
