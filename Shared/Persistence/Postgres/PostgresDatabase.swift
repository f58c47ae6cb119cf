package import Logging
import ServiceLifecycle

/// PostgreSQL through libpq: several connections, each on a thread of its own, that take from one queue.
///
/// Works that wait at the same time go to one connection and share a commit. Writes run with the isolation
/// `READ COMMITTED`, reads in a snapshot. A work whose connection breaks before its commit was sent runs again on another
/// one; while there is none, callers wait for up to 10 s and then get `unavailable`.
package final class PostgresDatabase: Database {
    package let dialect = SQLDialect.postgres
    private let pool: PostgresPool

    /// Opens the database and proves that it takes connections.
    ///
    /// - Parameters:
    ///   - url: As libpq reads it. What it does not set: `connect_timeout` 5 s, `statement_timeout` 15 s, `lock_timeout`
    ///     2 s, `idle_in_transaction_session_timeout` 30 s, TCP keepalives, `target_session_attrs` read-write.
    ///   - connections: How many there may be at a time; all but one are made when they are needed.
    /// - Throws: ``DatabaseError`` that names host and database.
    package static func open(
        _ url: String,
        connections: Int = 4,
        logger: Logger
    ) async throws(DatabaseError) -> PostgresDatabase {
        precondition(connections > 0)
        let pool = PostgresPool(try PostgresAddress(url), logger: logger)
        let failure = await withCheckedContinuation { continuation in
            pool.startThread { continuation.resume(returning: $0) }
        }
        if let failure { throw DatabaseError(failure.code, "cannot open \(failure.message)") }
        for _ in 1..<connections { pool.startThread() }
        return PostgresDatabase(pool)
    }

    private init(_ pool: PostgresPool) { self.pool = pool }

    deinit { pool.queue.close() }

    // MARK: Callers

    @discardableResult
    package func write<Value: Sendable>(
        _ work: @escaping @Sendable (SQLTransaction) throws -> Value
    ) async throws -> Value {
        try await pool.queue.perform(.write, work)
    }

    package func read<Value: Sendable>(
        _ work: @escaping @Sendable (SQLTransaction) throws -> Value
    ) async throws -> Value {
        try await pool.queue.perform(.read, work)
    }

    package var problem: String? { pool.problem }

    package var connectionCount: Int { pool.connectionCount }

    // MARK: Service

    /// Serves until graceful shutdown, then finishes what waits and closes the connections.
    package func run() async throws {
        try? await gracefulShutdown()
        close()
        await pool.ended()
    }

    /// Takes no more work; what waits is finished.
    package func close() { pool.queue.close() }
}
