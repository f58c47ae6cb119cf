/// One transaction, for the work that was given to a ``Database``; of no use once that has returned.
package struct SQLTransaction {
    package let dialect: SQLDialect
    private let connection: any SQLConnection
    private let hooks: CommitHooks

    init(_ connection: any SQLConnection, dialect: SQLDialect, hooks: CommitHooks) {
        self.connection = connection
        self.dialect = dialect
        self.hooks = hooks
    }

    /// Runs a query and returns all of its rows.
    package func query(_ sql: String, _ arguments: [SQLValue] = []) throws(DatabaseError) -> [SQLRow] {
        try recording { connection throws(DatabaseError) in try connection.query(sql, arguments) }
    }

    /// Runs a statement and returns how many rows it changed.
    @discardableResult
    package func execute(_ sql: String, _ arguments: [SQLValue] = []) throws(DatabaseError) -> Int {
        try recording { connection throws(DatabaseError) in try connection.execute(sql, arguments) }
    }

    private func recording<Value>(
        _ body: (any SQLConnection) throws(DatabaseError) -> Value
    ) throws(DatabaseError) -> Value {
        if let failure = hooks.failure { throw failure }
        do throws(DatabaseError) {
            return try body(connection)
        } catch {
            hooks.failure = error
            throw error
        }
    }

    /// Has `action` run once this work is durable, on the database's thread and before the caller is told; not at all if it
    /// is taken back.
    package func afterCommit(_ action: @escaping @Sendable () -> Void) {
        hooks.add(action)
    }
}

/// A connection as a driver has it; belongs to one thread.
protocol SQLConnection: AnyObject {
    func query(_ sql: String, _ arguments: [SQLValue]) throws(DatabaseError) -> [SQLRow]
    func execute(_ sql: String, _ arguments: [SQLValue]) throws(DatabaseError) -> Int
}

/// What waits for a commit, and what stands in its way.
final class CommitHooks {
    /// The statement that failed: PostgreSQL takes no other after it, and so it is with SQLite.
    var failure: DatabaseError?
    private var actions: [@Sendable () -> Void] = []

    func add(_ action: @escaping @Sendable () -> Void) { actions.append(action) }

    func forget() { actions.removeAll(keepingCapacity: true) }

    func run() {
        for action in actions { action() }
        forget()
    }
}
