import EventSchema
import Foundation
import Persistence
import RealtimeDomain

extension SQLConversationTransaction {
    func message(_ id: UUID, in key: ConversationKey) throws -> StoredMessage? {
        try messages(key, "m.id = $2", [.uuid(id)]).first
    }

    func messages(of key: ConversationKey, after seq: Int64, limit: Int) throws -> [StoredMessage] {
        try messages(key, "m.seq > $2", [.integer(seq)], "ORDER BY m.seq LIMIT \(limit)")
    }

    func messages(of key: ConversationKey, before seq: Int64, limit: Int) throws -> [StoredMessage] {
        try messages(
            key,
            "m.seq < $2 AND thread_id IS NULL",
            [.integer(seq)],
            "ORDER BY m.seq DESC LIMIT \(limit)"
        ).reversed()
    }

    func seq(of id: UUID, in key: ConversationKey) throws -> Int64? {
        try transaction.query(
            "SELECT seq FROM conversation_messages WHERE id = $1 AND conversation = $2",
            [.uuid(id), .text(key.description)]
        ).first?.integer(0)
    }

    func setContent(of id: UUID, _ content: MessageContent, mentions: [String], at timestamp: Timestamp) throws {
        try transaction.execute(
            "UPDATE conversation_messages SET content = $1, mentions = $2, edited_at = $3 WHERE id = $4",
            [
                .text(content.text), .optional(Self.json(mentions.map(JSONValue.string))),
                .integer(timestamp.milliseconds), .uuid(id),
            ]
        )
    }

    func delete(_ id: UUID, at timestamp: Timestamp) throws {
        try transaction.execute(
            """
            UPDATE conversation_messages
            SET content = '', attachments = NULL, mentions = NULL, deleted_at = $1 WHERE id = $2
            """,
            [.integer(timestamp.milliseconds), .uuid(id)]
        )
        try transaction.execute("DELETE FROM message_reactions WHERE message_id = $1", [.uuid(id)])
    }

    // MARK: Reading

    /// Messages with what hangs on them: two more queries, however many they are.
    func messages(
        _ key: ConversationKey,
        _ condition: String,
        _ arguments: [SQLValue],
        _ ending: String = ""
    ) throws -> [StoredMessage] {
        let rows = try transaction.query(
            """
            SELECT m.id, m.seq, m.author_id, p.name, p.avatar_url, m.content, m.position, m.thread_id, m.attachments,
                m.mentions, m.inserted_at, m.edited_at, m.thread_started_at, m.reply_count
            FROM conversation_messages AS m LEFT JOIN profiles AS p ON p.user_id = m.author_id
            WHERE m.conversation = $1 AND \(condition) AND m.deleted_at IS NULL \(ending)
            """,
            [.text(key.description)] + arguments
        )
        var messages = try rows.map { try StoredMessage(row: $0, in: key) }
        guard let range = Self.range(of: messages) else { return [] }
        let isPage = messages.allSatisfy { $0.threadID == nil }
        let reactions = try reactions(key, range, outsideOfThreads: isPage)
        let participants = try messages.contains { $0.thread != nil } ? participants(key, range) : [:]
        for index in messages.indices {
            let id = messages[index].id
            messages[index].reactions = reactions[id] ?? []
            messages[index].thread?.participants = participants[id] ?? []
        }
        return messages
    }

    private static func range(of messages: [StoredMessage]) -> ClosedRange<Int64>? {
        guard let first = messages.first?.seq, let last = messages.last?.seq else { return nil }
        return min(first, last)...max(first, last)
    }
}

extension StoredMessage {
    fileprivate init(row: SQLRow, in key: ConversationKey) throws {
        let id = try row.uuid(0)
        self.init(
            id: id,
            conversation: key,
            seq: try row.integer(1),
            author: Profile(
                userID: try row.text(2),
                name: try row.optionalText(3),
                avatarURL: try row.optionalText(4)
            ),
            content: MessageContent(stored: try row.text(5)),
            position: try row.optionalText(6),
            threadID: row.isNull(7) ? nil : try row.uuid(7),
            attachments: try Self.list(row, 8).map { try Attachment($0) },
            mentions: try Self.list(row, 9).compactMap(\.stringValue),
            insertedAt: Timestamp(milliseconds: try row.integer(10)),
            editedAt: try row.optionalInteger(11).map(Timestamp.init(milliseconds:))
        )
        guard !row.isNull(12) else { return }
        thread = MessageThread(id: id, messageCount: try row.integer(13))
    }

    private static func list(_ row: SQLRow, _ column: Int) throws -> [JSONValue] {
        guard let text = try row.optionalText(column) else { return [] }
        return try JSONParser.parse(text).arrayValue ?? []
    }
}
