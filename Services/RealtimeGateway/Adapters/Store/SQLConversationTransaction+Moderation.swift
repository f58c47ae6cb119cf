import EventSchema
import Persistence
import RealtimeDomain

/// What moderators have imposed.
extension SQLConversationTransaction {
    func sanctions(in conversationID: String, at now: Timestamp, limit: Int) throws -> [Sanction] {
        try transaction.query(
            """
            SELECT kind, user_id, reason, moderator_id, decided_at, ends_at, interval_s FROM moderation
            WHERE conversation = $1 AND (ends_at IS NULL OR ends_at > $2) LIMIT \(limit)
            """,
            [.text(conversationID), .integer(now.milliseconds)]
        ).compactMap { try Sanction(row: $0) }
    }

    func save(_ sanction: Sanction, in conversationID: String) throws {
        try transaction.execute(
            """
            INSERT INTO moderation (
                conversation, kind, user_id, reason, moderator_id, decided_at, ends_at, interval_s
            ) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            ON CONFLICT (conversation, kind, user_id) DO UPDATE
            SET reason = excluded.reason, moderator_id = excluded.moderator_id, decided_at = excluded.decided_at,
                ends_at = excluded.ends_at, interval_s = excluded.interval_s
            """,
            [
                .text(conversationID), .text(sanction.kind.rawValue), .text(sanction.userID),
                .optional(sanction.reason), .text(sanction.moderatorID), .integer(sanction.at.milliseconds),
                .optional(sanction.until?.milliseconds), .optional(sanction.interval),
            ]
        )
    }

    func lift(_ kind: Sanction.Kind, of userID: String, in conversationID: String) throws {
        try transaction.execute(
            "DELETE FROM moderation WHERE conversation = $1 AND kind = $2 AND user_id = $3",
            [.text(conversationID), .text(kind.rawValue), .text(userID)]
        )
    }

    func owners(of conversationID: String) throws -> [ConversationKey.Kind: String] {
        let keys = ConversationKey.Kind.moderated.map { ConversationKey($0, conversationID).description }
        let places = (1...keys.count).map { "$\($0)" }.joined(separator: ", ")
        let rows = try transaction.query(
            "SELECT key, owner_id FROM conversations WHERE key IN (\(places)) AND owner_id IS NOT NULL",
            keys.map(SQLValue.text)
        )
        var owners: [ConversationKey.Kind: String] = [:]
        for row in rows {
            guard let key = ConversationKey(try row.text(0)) else { continue }
            owners[key.kind] = try row.text(1)
        }
        return owners
    }
}

extension Sanction {
    /// Reads a row; `nil` if a newer program has written it.
    fileprivate init?(row: SQLRow) throws {
        guard let kind = Kind(rawValue: try row.text(0)) else { return nil }
        self.init(
            kind,
            of: try row.text(1),
            reason: try row.optionalText(2),
            moderatorID: try row.text(3),
            at: Timestamp(milliseconds: try row.integer(4)),
            until: try row.optionalInteger(5).map(Timestamp.init(milliseconds:)),
            interval: try row.optionalInteger(6)
        )
    }
}
