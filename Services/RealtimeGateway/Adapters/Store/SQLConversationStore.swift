package import Persistence
package import RealtimeDomain

/// Conversations in a database; see ``ConversationSchema``.
package struct SQLConversationStore: ConversationStore {
    private let database: any Database

    package init(database: any Database) {
        self.database = database
    }

    /// What can be done to conversations in a transaction that others have begun, of the same database.
    package static func transaction(_ transaction: SQLTransaction) -> any ConversationTransaction {
        SQLConversationTransaction(transaction)
    }

    package func write<Value: Sendable>(
        _ work: @escaping @Sendable (any ConversationTransaction) throws -> Value
    ) async throws -> Value {
        do {
            return try await database.write { try work(SQLConversationTransaction($0)) }
        } catch let error as DatabaseError where error.code == .outcomeUnknown {
            throw UnknownOutcome()
        } catch let error as DatabaseError where error.isTransient {
            throw StoreUnavailable()
        }
    }

    package func read<Value: Sendable>(
        _ work: @escaping @Sendable (any ConversationTransaction) throws -> Value
    ) async throws -> Value {
        try await database.read { try work(SQLConversationTransaction($0)) }
    }
}
