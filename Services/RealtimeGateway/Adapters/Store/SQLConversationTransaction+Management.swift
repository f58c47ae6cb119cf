import EventSchema
import Persistence
import RealtimeDomain

/// What backends do to conversations.
extension SQLConversationTransaction {
    func lock(_ key: ConversationKey, at timestamp: Timestamp) throws {
        // A row that is not there cannot be locked, so it is made.
        try transaction.execute(
            """
            INSERT INTO conversations (key, last_seq, created_at, updated_at) VALUES ($1, 0, $2, $2)
            ON CONFLICT (key) DO UPDATE SET last_seq = conversations.last_seq
            """,
            [.text(key.description), .integer(timestamp.milliseconds)]
        )
    }

    func save(_ conversation: Conversation, at timestamp: Timestamp) throws {
        try transaction.execute(
            """
            INSERT INTO conversations (
                key, name, access, description, workspace_id, owner_id, last_seq, created_at, updated_at
            ) VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $7)
            ON CONFLICT (key) DO UPDATE
            SET name = excluded.name, access = excluded.access, description = excluded.description,
                workspace_id = excluded.workspace_id, owner_id = excluded.owner_id, updated_at = excluded.updated_at
            """,
            [
                .text(conversation.key.description), .text(conversation.name), .text(conversation.access.rawValue),
                .optional(conversation.description), .optional(conversation.workspaceID),
                .optional(conversation.ownerID), .integer(timestamp.milliseconds),
            ]
        )
    }

    func delete(_ key: ConversationKey) throws {
        for statement in Self.deletions { try transaction.execute(statement, [.text(key.description)]) }
        // Sanctions hold for the id: they stay for as long as a room or a stream bears it.
        if key.kind.isModerated, try !kinds(of: key.id).contains(where: \.isModerated) {
            try transaction.execute("DELETE FROM moderation WHERE conversation = $1", [.text(key.id)])
        }
    }

    /// What hangs on others goes first.
    private static let deletions = [
        """
        DELETE FROM message_reactions
        WHERE message_id IN (SELECT id FROM conversation_messages WHERE conversation = $1)
        """,
        "DELETE FROM conversation_messages WHERE conversation = $1",
        "DELETE FROM read_receipts WHERE conversation = $1",
        "DELETE FROM conversation_members WHERE conversation = $1",
        // The numbers of its messages are not given again, so that nobody takes what comes later for what was.
        """
        UPDATE conversations
        SET name = NULL, access = NULL, description = NULL, workspace_id = NULL, owner_id = NULL WHERE key = $1
        """,
        "DELETE FROM conversations WHERE key = $1 AND last_seq = 0",
    ]

    // MARK: Finding

    func kinds(of id: String) throws -> [ConversationKey.Kind] {
        let keys = ConversationKey.Kind.allCases.map { SQLValue.text(ConversationKey($0, id).description) }
        let places = (1...keys.count).map { "$\($0)" }.joined(separator: ", ")
        let rows = try transaction.query(
            "SELECT key FROM conversations WHERE key IN (\(places)) AND access IS NOT NULL ORDER BY key",
            keys
        )
        return try rows.compactMap { ConversationKey(try $0.text(0))?.kind }
    }

    func conversations(
        ofWorkspace workspaceID: String?,
        after key: String,
        limit: Int
    ) throws -> [Conversation] {
        let condition = workspaceID == nil ? "" : " AND workspace_id = $2"
        let rows = try transaction.query(
            """
            SELECT \(Conversation.columns) FROM conversations WHERE key > $1\(condition) AND access IS NOT NULL
            ORDER BY key LIMIT \(limit)
            """,
            [.text(key)] + (workspaceID.map { [.text($0)] } ?? [])
        )
        return try rows.compactMap { try Conversation(row: $0) }
    }
}
