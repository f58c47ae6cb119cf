import Foundation
import Persistence
import RealtimeDomain

/// A transaction of ``SQLConversationStore``; what it does to messages and what hangs on them is in extensions.
struct SQLConversationTransaction: ConversationTransaction {
    let transaction: SQLTransaction

    init(_ transaction: SQLTransaction) {
        self.transaction = transaction
    }

    func conversation(_ key: ConversationKey) throws -> Conversation? {
        let rows = try transaction.query(
            "SELECT name, access, description, workspace_id FROM conversations WHERE key = $1 AND access IS NOT NULL",
            [.text(key.description)]
        )
        guard let row = rows.first, let access = Conversation.Access(rawValue: try row.text(1)) else { return nil }
        return Conversation(
            key,
            name: try row.optionalText(0),
            access: access,
            description: try row.optionalText(2),
            workspaceID: try row.optionalText(3)
        )
    }

    func lastSeq(of key: ConversationKey) throws -> Int64 {
        try transaction.query("SELECT last_seq FROM conversations WHERE key = $1", [.text(key.description)])
            .first?.integer(0) ?? 0
    }

    func isMember(_ userID: String, of key: ConversationKey) throws -> Bool {
        try !transaction.query(
            "SELECT 1 FROM conversation_members WHERE conversation = $1 AND user_id = $2",
            [.text(key.description), .text(userID)]
        ).isEmpty
    }
}
