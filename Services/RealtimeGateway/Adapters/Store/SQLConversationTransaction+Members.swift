import EventSchema
import Persistence
import RealtimeDomain

/// Who belongs to a conversation.
extension SQLConversationTransaction {
    /// Users of one statement: one or this many, so that there are two of each to prepare and not hundreds.
    private static let lot = 100

    func setMembers(_ users: [String], of key: ConversationKey, at timestamp: Timestamp) throws {
        let rows = try transaction.query(
            "SELECT user_id FROM conversation_members WHERE conversation = $1",
            [.text(key.description)]
        )
        let known = Set(try rows.map { try $0.text(0) })
        try inLots(Array(known.subtracting(users))) { lot in
            try transaction.execute(
                "DELETE FROM conversation_members WHERE conversation = $1 AND user_id IN (\(Self.places(lot, from: 2)))",
                [.text(key.description)] + lot.map(SQLValue.text)
            )
        }
        try inLots(users.filter { !known.contains($0) }) { lot in
            let rows = (0..<lot.count).map { "($1, $2, $\($0 + 3))" }.joined(separator: ", ")
            try transaction.execute(
                "INSERT INTO conversation_members (conversation, added_at, user_id) VALUES \(rows)",
                [.text(key.description), .integer(timestamp.milliseconds)] + lot.map(SQLValue.text)
            )
        }
    }

    func addMember(_ userID: String, to key: ConversationKey, at timestamp: Timestamp) throws -> Bool {
        try transaction.execute(
            """
            INSERT INTO conversation_members (conversation, user_id, added_at) VALUES ($1, $2, $3)
            ON CONFLICT DO NOTHING
            """,
            [.text(key.description), .text(userID), .integer(timestamp.milliseconds)]
        ) == 1
    }

    func removeMember(_ userID: String, of key: ConversationKey) throws -> Bool {
        try transaction.execute(
            "DELETE FROM conversation_members WHERE conversation = $1 AND user_id = $2",
            [.text(key.description), .text(userID)]
        ) == 1
    }

    func members(of key: ConversationKey, limit: Int) throws -> [String] {
        try transaction.query(
            "SELECT user_id FROM conversation_members WHERE conversation = $1 ORDER BY user_id LIMIT \(limit)",
            [.text(key.description)]
        ).map { try $0.text(0) }
    }

    func memberCount(of key: ConversationKey) throws -> Int64 {
        try transaction.query(
            "SELECT COUNT(*) FROM conversation_members WHERE conversation = $1",
            [.text(key.description)]
        )[0].integer(0)
    }

    func members(of key: ConversationKey, among users: [String]) throws -> Set<String> {
        var members: Set<String> = []
        try inLots(users) { lot in
            let rows = try transaction.query(
                """
                SELECT user_id FROM conversation_members
                WHERE conversation = $1 AND user_id IN (\(Self.places(lot, from: 2)))
                """,
                [.text(key.description)] + lot.map(SQLValue.text)
            )
            for row in rows { members.insert(try row.text(0)) }
        }
        return members
    }

    private func inLots(_ users: [String], _ body: (ArraySlice<String>) throws -> Void) throws {
        var rest = users[...]
        while !rest.isEmpty {
            let lot = rest.prefix(rest.count < Self.lot ? 1 : Self.lot)
            try body(lot)
            rest = rest.dropFirst(lot.count)
        }
    }

    private static func places(_ lot: ArraySlice<String>, from first: Int) -> String {
        (first..<first + lot.count).map { "$\($0)" }.joined(separator: ", ")
    }
}
