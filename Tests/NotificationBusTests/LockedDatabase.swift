import Persistence
import ServiceLifecycle
import Synchronization

/// Refuses its first writes, as a database does that another process holds.
final class LockedDatabase: Database {
    private let database: any Database
    private let refusals: Mutex<Int>
    let dialect: SQLDialect

    /// - Parameter refusals: How many writes fail.
    init(_ database: any Database, refusals: Int) {
        self.database = database
        self.refusals = Mutex(refusals)
        dialect = database.dialect
    }

    /// Whether the refusals were all used up.
    var isFree: Bool { refusals.withLock { $0 } == 0 }

    func write<Value: Sendable>(_ work: @escaping @Sendable (SQLTransaction) throws -> Value) async throws -> Value {
        let isLocked = refusals.withLock { left in
            defer { left = max(0, left - 1) }
            return left > 0
        }
        if isLocked { throw DatabaseError(.locked, "another process writes") }
        return try await database.write(work)
    }

    func read<Value: Sendable>(_ work: @escaping @Sendable (SQLTransaction) throws -> Value) async throws -> Value {
        try await database.read(work)
    }

    var problem: String? { database.problem }
    var connectionCount: Int { 1 }

    func run() async throws { try await gracefulShutdown() }
}
