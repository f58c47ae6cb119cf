package import EventSchema
package import Persistence
package import RealtimeDomain

/// Notifications in a database; see ``ConversationSchema``.
package struct SQLNotificationStore: NotificationStore {
    private let database: any Database
    private let tellNodes: SQLConversationStore.TellNodes

    /// - Parameter tellNodes: Nothing where there are no nodes.
    package init(database: any Database, tellNodes: @escaping SQLConversationStore.TellNodes = { _, _ in }) {
        self.database = database
        self.tellNodes = tellNodes
    }

    /// What can be done to notifications in a transaction that others have begun, of the same database.
    package static func transaction(_ transaction: SQLTransaction) -> any NotificationTransaction {
        SQLNotificationTransaction(transaction: transaction)
    }

    package func unread(of userID: String, limit: Int) async throws(Refusal) -> [UserNotification] {
        try await run { database in
            try await database.read { try SQLNotificationTransaction(transaction: $0).unread(of: userID, limit: limit) }
        }
    }

    package func unreadCount(of userID: String) async throws(Refusal) -> Int {
        try await run { database in
            try await database.read { try SQLNotificationTransaction(transaction: $0).unreadCount(of: userID) }
        }
    }

    package func markRead(
        _ reading: NotificationRead
    ) async throws(Refusal) -> (readAt: Timestamp, isNews: Bool)? {
        try await run { [tellNodes] database in
            try await database.write { transaction in
                let notifications = SQLNotificationTransaction(transaction: transaction)
                if try notifications.markRead(reading) {
                    try tellNodes(reading, transaction)
                    return (reading.readAt, true)
                }
                return try notifications.readAt(reading).map { ($0, false) }
            }
        }
    }

    private func run<Value: Sendable>(
        _ body: (any Database) async throws -> Value
    ) async throws(Refusal) -> Value {
        do {
            return try await body(database)
        } catch {
            // Doing it again does no harm.
            throw .busy
        }
    }
}
