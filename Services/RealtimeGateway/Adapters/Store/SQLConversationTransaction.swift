import EventSchema
import Foundation
import Persistence
import RealtimeDomain

/// A transaction of ``SQLConversationStore``; what it does to messages and what hangs on them is in extensions.
struct SQLConversationTransaction: ConversationTransaction {
    let transaction: SQLTransaction

    private let tellNodes: SQLConversationStore.TellNodes

    init(_ transaction: SQLTransaction, _ tellNodes: @escaping SQLConversationStore.TellNodes) {
        self.transaction = transaction
        self.tellNodes = tellNodes
    }

    func tellNodes(_ event: any EventPayload) throws { try tellNodes(event, transaction) }

    func conversation(_ key: ConversationKey) throws -> Conversation? {
        try transaction.query(
            "SELECT \(Conversation.columns) FROM conversations WHERE key = $1 AND access IS NOT NULL",
            [.text(key.description)]
        ).first.flatMap { try Conversation(row: $0) }
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

extension Conversation {
    static let columns = "key, name, access, description, workspace_id, owner_id"

    /// Reads a row with ``columns``; `nil` if nobody has described it.
    init?(row: SQLRow) throws {
        guard let key = ConversationKey(try row.text(0)),
            let access = try row.optionalText(2).flatMap(Access.init(rawValue:))
        else { return nil }
        self.init(
            key,
            name: try row.optionalText(1),
            access: access,
            description: try row.optionalText(3),
            workspaceID: try row.optionalText(4),
            ownerID: try row.optionalText(5)
        )
    }
}
