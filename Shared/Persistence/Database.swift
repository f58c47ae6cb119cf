package import ServiceLifecycle

/// A database: SQLite in a file or PostgreSQL over the network, with the same statements wherever the two allow it.
///
/// Statements use `$1`, `$2`, ... for their arguments, numbered in the order in which they first appear, and the types of
/// ``SQLValue``. What the two spell differently is in ``SQLDialect``.
package protocol Database: Service {
    var dialect: SQLDialect { get }

    /// Runs `work` in a transaction and returns once it is durable.
    ///
    /// Works that come at the same time share one commit, which makes the disk's flush cheap. All of them or none is
    /// durable; a work that throws takes back what it did itself and nothing of the others.
    ///
    /// `work` runs on a thread of the database and must not block on anything else. It may run more than once (when a
    /// neighbour failed, or a serialization conflict was found), of which only the last counts: it must have no effects
    /// but those through its transaction.
    ///
    /// A statement that failed ends the work: what it threw is thrown again if the work goes on. In PostgreSQL other
    /// works write at the same time, so that a row that was read may have changed when it is written: say it in one
    /// statement, or read it with ``SQLDialect/forUpdate``.
    ///
    /// Runs to its end even if the task is cancelled.
    ///
    /// - Throws: what `work` throws, or ``DatabaseError``.
    @discardableResult
    func write<Value: Sendable>(
        _ work: @escaping @Sendable (SQLTransaction) throws -> Value
    ) async throws -> Value

    /// Runs `work` on what was committed when it began, beside writers.
    ///
    /// - Throws: what `work` throws, or ``DatabaseError``.
    func read<Value: Sendable>(
        _ work: @escaping @Sendable (SQLTransaction) throws -> Value
    ) async throws -> Value

    /// What keeps it from taking writes, in words for an operator; `nil` if nothing does.
    var problem: String? { get }

    /// How many connections are open.
    var connectionCount: Int { get }
}
