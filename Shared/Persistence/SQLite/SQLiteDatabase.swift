import Foundation
import GRDB
package import Logging
import ServiceLifecycle
import Synchronization

/// SQLite in one file, for one machine; several processes may share it.
///
/// Write-ahead log with `synchronous=FULL`: what is committed survives a power cut. One thread writes, and commits what
/// came while it flushed the last commit together.
package final class SQLiteDatabase: Database {
    /// Works of one commit; more of them would make the first wait.
    private static let batch = 512
    /// How long to wait for company while works come in numbers.
    private static let linger = Duration.milliseconds(1)
    /// How long another process's commit is waited for.
    private static let patience = 5.0

    package let dialect = SQLDialect.sqlite
    private let path: String
    private let pool: DatabasePool
    private let file: FileIdentity
    private let queue = WorkQueue()
    private let trouble = Mutex<String?>(nil)
    private let opened = OpenedConnections()
    private let logger: Logger

    /// Opens the file, or makes it and the folders on the way to it.
    ///
    /// - Throws: ``DatabaseError`` that names the file.
    package init(path: String, logger: Logger) throws(DatabaseError) {
        let path = URL(filePath: path).path
        self.path = path
        self.logger = logger
        do {
            let folder = URL(filePath: path).deletingLastPathComponent()
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            pool = try DatabasePool(path: path, configuration: Self.configuration(counting: opened))
            file = try FileIdentity(of: path)
        } catch {
            let cause = DatabaseError(sqlite: error)
            throw DatabaseError(cause.code, "cannot open \(path): \(cause.message)")
        }
        let thread = Thread { [self] in self.work() }
        thread.name = "sqlite-write"
        thread.start()
    }

    /// Counts connections, which the pool opens as it needs them and keeps.
    private final class OpenedConnections: Sendable {
        let count = Atomic<Int>(0)
    }

    private static func configuration(counting opened: OpenedConnections) -> Configuration {
        var configuration = Configuration()
        configuration.busyMode = .timeout(patience)
        configuration.maximumReaderCount = 4
        configuration.prepareDatabase { database in
            opened.count.add(1, ordering: .relaxed)
            try database.execute(sql: "PRAGMA synchronous = FULL")
            try database.execute(sql: "PRAGMA foreign_keys = ON")
        }
        return configuration
    }

    // MARK: Callers

    @discardableResult
    package func write<Value: Sendable>(
        _ work: @escaping @Sendable (SQLTransaction) throws -> Value
    ) async throws -> Value {
        try await queue.perform(.write, work)
    }

    package func read<Value: Sendable>(
        _ work: @escaping @Sendable (SQLTransaction) throws -> Value
    ) async throws -> Value {
        do {
            return try await pool.read { database in
                try work(SQLTransaction(SQLiteSession(database), dialect: .sqlite, hooks: CommitHooks()))
            }
        } catch let error as GRDB.DatabaseError {
            throw DatabaseError(sqlite: error)
        }
    }

    package var problem: String? { trouble.withLock { $0 } }

    package var connectionCount: Int { opened.count.load(ordering: .relaxed) }

    // MARK: Service

    /// Serves until graceful shutdown, then finishes what waits.
    package func run() async throws {
        try? await gracefulShutdown()
        queue.close()
    }

    /// Takes no more work; what waits is finished.
    package func close() { queue.close() }

    // MARK: The thread

    private func work() {
        var hadCompany = false
        while let units = queue.take(atMost: Self.batch, linger: hadCompany ? Self.linger : .zero) {
            hadCompany = units.count > 1
            do throws(Interruption) {
                try commit(units)
                note(nil)
            } catch {
                note(error.cause.message)
                for unit in error.untold { unit.finish(error.cause) }
            }
        }
    }

    private func commit(_ units: [WorkUnit]) throws(Interruption) {
        // SQLite goes on writing to a file that has been deleted: it would be gone with the process.
        guard file.isStillThere else {
            let message = "\(path) has been deleted or replaced: put it back, or restart"
            throw Interruption(cause: DatabaseError(.unavailable, message), untold: units)
        }
        do {
            try pool.writeWithoutTransaction { database in
                try BatchRunner(session: SQLiteSession(database)).run(units)
            }
        } catch {
            throw error as? Interruption ?? Interruption(cause: DatabaseError(sqlite: error), untold: units)
        }
    }

    private func note(_ problem: String?) {
        let changed = trouble.withLock { current in
            defer { current = problem.map { "\(path): \($0)" } }
            return (current == nil) != (problem == nil)
        }
        guard changed else { return }
        logger.log(
            level: problem == nil ? .notice : .error,
            "database \(problem == nil ? "takes" : "refuses") writes",
            metadata: ["database.path": "\(path)", "error": "\(problem ?? "-")"]
        )
    }
}
