package import EventSchema
package import Persistence
package import RealtimeDomain

/// Conversations in a database; see ``ConversationSchema``.
package struct SQLConversationStore: ConversationStore {
    /// Has all nodes told of something once a transaction is durable.
    package typealias TellNodes = @Sendable (any EventPayload, SQLTransaction) throws -> Void

    private let database: any Database
    private let tellNodes: TellNodes

    /// - Parameter tellNodes: Nothing where there are no nodes.
    package init(database: any Database, tellNodes: @escaping TellNodes = { _, _ in }) {
        self.database = database
        self.tellNodes = tellNodes
    }

    /// What can be done to conversations in a transaction that others have begun, of the same database; telling nodes is
    /// up to them.
    package static func transaction(_ transaction: SQLTransaction) -> any ConversationTransaction {
        SQLConversationTransaction(transaction) { _, _ in }
    }

    package func write<Value: Sendable>(
        _ work: @escaping @Sendable (any ConversationTransaction) throws -> Value
    ) async throws -> Value {
        do {
            return try await database.write { [tellNodes] in try work(SQLConversationTransaction($0, tellNodes)) }
        } catch let error as DatabaseError where error.code == .outcomeUnknown {
            throw UnknownOutcome()
        } catch let error as DatabaseError where error.isTransient {
            throw StoreUnavailable()
        }
    }

    package func read<Value: Sendable>(
        _ work: @escaping @Sendable (any ConversationTransaction) throws -> Value
    ) async throws -> Value {
        try await database.read { [tellNodes] in try work(SQLConversationTransaction($0, tellNodes)) }
    }
}
