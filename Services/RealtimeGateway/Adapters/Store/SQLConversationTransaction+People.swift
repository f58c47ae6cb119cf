import EventSchema
import Foundation
import Persistence
import RealtimeDomain

/// What people add to messages: threads, reactions, receipts; and who they are.
extension SQLConversationTransaction {
    /// Users whom a thread's summary names.
    private static let participantLimit = 50

    // MARK: Threads

    func startThread(at id: UUID, _ timestamp: Timestamp) throws -> MessageThread {
        let rows = try transaction.query(
            """
            UPDATE conversation_messages SET thread_started_at = COALESCE(thread_started_at, $1) WHERE id = $2
            RETURNING reply_count
            """,
            [.integer(timestamp.milliseconds), .uuid(id)]
        )
        let authors = try transaction.query(
            """
            SELECT DISTINCT author_id FROM conversation_messages WHERE thread_id = $1
            ORDER BY author_id LIMIT \(Self.participantLimit)
            """,
            [.uuid(id)]
        )
        return MessageThread(
            id: id,
            messageCount: try rows.first?.integer(0) ?? 0,
            participants: try authors.map { try $0.text(0) }
        )
    }

    /// Who has replied, by the message whose thread it is, for messages of a range of seqs.
    func participants(_ key: ConversationKey, _ range: ClosedRange<Int64>) throws -> [UUID: [String]] {
        let rows = try transaction.query(
            """
            SELECT DISTINCT r.thread_id, r.author_id FROM conversation_messages AS m
            JOIN conversation_messages AS r ON r.thread_id = m.id
            WHERE m.conversation = $1 AND m.seq BETWEEN $2 AND $3 AND m.reply_count > 0 ORDER BY r.author_id
            """,
            [.text(key.description), .integer(range.lowerBound), .integer(range.upperBound)]
        )
        var participants: [UUID: [String]] = [:]
        for row in rows {
            let thread = try row.uuid(0)
            guard participants[thread, default: []].count < Self.participantLimit else { continue }
            participants[thread, default: []].append(try row.text(1))
        }
        return participants
    }

    // MARK: Reactions

    private static let reactionColumns = "r.id, r.message_id, r.emoji, r.user_id, p.name, p.avatar_url, r.inserted_at"
    private static let reactionTables = "message_reactions AS r LEFT JOIN profiles AS p ON p.user_id = r.user_id"

    func add(_ reaction: Reaction) throws -> Reaction {
        let inserted = try transaction.execute(
            """
            INSERT INTO message_reactions (id, message_id, user_id, emoji, inserted_at) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT DO NOTHING
            """,
            [
                .uuid(reaction.id), .uuid(reaction.messageID), .text(reaction.user.userID), .text(reaction.emoji),
                .integer(reaction.insertedAt.milliseconds),
            ]
        )
        guard inserted == 0 else { return reaction }
        let rows = try transaction.query(
            """
            SELECT \(Self.reactionColumns) FROM \(Self.reactionTables)
            WHERE r.message_id = $1 AND r.user_id = $2 AND r.emoji = $3
            """,
            [.uuid(reaction.messageID), .text(reaction.user.userID), .text(reaction.emoji)]
        )
        return try rows.first.map { try Reaction(row: $0) } ?? reaction
    }

    func reactionCounts(of message: UUID, by userID: String) throws -> (all: Int64, own: Int64) {
        let row = try transaction.query(
            """
            SELECT COUNT(*), COALESCE(SUM(CASE WHEN user_id = $1 THEN 1 ELSE 0 END), 0) FROM message_reactions
            WHERE message_id = $2
            """,
            [.text(userID), .uuid(message)]
        )[0]
        return (try row.integer(0), try row.integer(1))
    }

    func reaction(_ id: UUID, in key: ConversationKey) throws -> Reaction? {
        try transaction.query(
            """
            SELECT \(Self.reactionColumns) FROM \(Self.reactionTables)
            JOIN conversation_messages AS m ON m.id = r.message_id WHERE r.id = $1 AND m.conversation = $2
            """,
            [.uuid(id), .text(key.description)]
        ).first.map { try Reaction(row: $0) }
    }

    func remove(reaction id: UUID) throws {
        try transaction.execute("DELETE FROM message_reactions WHERE id = $1", [.uuid(id)])
    }

    /// The reactions to messages of a range of seqs, oldest first.
    func reactions(
        _ key: ConversationKey,
        _ range: ClosedRange<Int64>,
        outsideOfThreads: Bool
    ) throws -> [UUID: [Reaction]] {
        let rows = try transaction.query(
            """
            SELECT \(Self.reactionColumns) FROM \(Self.reactionTables)
            JOIN conversation_messages AS m ON m.id = r.message_id
            WHERE m.conversation = $1 AND m.seq BETWEEN $2 AND $3\(outsideOfThreads ? " AND m.thread_id IS NULL" : "")
            ORDER BY r.inserted_at, r.id
            """,
            [.text(key.description), .integer(range.lowerBound), .integer(range.upperBound)]
        )
        return Dictionary(grouping: try rows.map { try Reaction(row: $0) }, by: \.messageID)
    }

    // MARK: Receipts

    func markRead(_ receipt: ReadReceipt, in key: ConversationKey) throws -> Bool {
        try transaction.execute(
            """
            INSERT INTO read_receipts (conversation, user_id, message_id, seq, read_at) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (conversation, user_id) DO UPDATE
            SET message_id = excluded.message_id, seq = excluded.seq, read_at = excluded.read_at
            WHERE excluded.seq > read_receipts.seq
            """,
            [
                .text(key.description), .text(receipt.userID), .uuid(receipt.messageID), .integer(receipt.seq),
                .integer(receipt.readAt.milliseconds),
            ]
        ) == 1
    }

    func readReceipt(of userID: String, in key: ConversationKey) throws -> ReadReceipt? {
        try transaction.query(
            "SELECT message_id, seq, read_at FROM read_receipts WHERE conversation = $1 AND user_id = $2",
            [.text(key.description), .text(userID)]
        ).first.map { row in
            ReadReceipt(
                userID: userID,
                messageID: try row.uuid(0),
                seq: try row.integer(1),
                readAt: Timestamp(milliseconds: try row.integer(2))
            )
        }
    }

    // MARK: Profiles

    func profile(of userID: String) throws -> Profile? {
        try transaction.query("SELECT name, avatar_url FROM profiles WHERE user_id = $1", [.text(userID)]).first
            .map { Profile(userID: userID, name: try $0.text(0), avatarURL: try $0.optionalText(1)) }
    }

    func save(_ profile: Profile, at timestamp: Timestamp) throws {
        try transaction.execute(
            """
            INSERT INTO profiles (user_id, name, avatar_url, updated_at) VALUES ($1, $2, $3, $4)
            ON CONFLICT (user_id) DO UPDATE
            SET name = excluded.name, avatar_url = excluded.avatar_url, updated_at = excluded.updated_at
            """,
            [
                .text(profile.userID), .text(profile.name), .optional(profile.avatarURL),
                .integer(timestamp.milliseconds),
            ]
        )
    }
}

extension Reaction {
    /// Reads a row with the columns of `reactionColumns`.
    fileprivate init(row: SQLRow) throws {
        self.init(
            id: try row.uuid(0),
            messageID: try row.uuid(1),
            emoji: try row.text(2),
            user: Profile(userID: try row.text(3), name: try row.optionalText(4), avatarURL: try row.optionalText(5)),
            insertedAt: Timestamp(milliseconds: try row.integer(6))
        )
    }
}
