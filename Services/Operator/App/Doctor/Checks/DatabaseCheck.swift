import EventSchema
import Foundation
import Logging
import Persistence
import ServiceLifecycle

/// Whether the database takes writes, which versions its tables have, and whether the outbox is worked off.
struct DatabaseCheck: Check {
    /// An outbox row that is older waits for a broker, or for a relay that does not run.
    private static let patience = Duration.seconds(60)
    private static let mend = "see DATABASE_URL, and whether the user may write there"

    func findings(_ context: DoctorContext) async -> [Finding] {
        guard let text = context.setting("DATABASE_URL") else {
            return [.ok(.database, "DATABASE_URL is not set: not looked at")]
        }
        do {
            let url = try DatabaseURL(text)
            if case .sqlite(let path) = url, !FileManager.default.fileExists(atPath: path) {
                return [.warn(.database, "\(url.redacted) is not there yet", mend: "a service makes it at its start")]
            }
            let database = try await url.open(logger: Logger(label: "martlet") { _ in SwiftLogNoOpLogHandler() })
            return try await running(database) { try await look(at: database, url) }
        } catch {
            return [.fail(.database, String(describing: error), mend: Self.mend)]
        }
    }

    /// The database is a service: it works while it runs.
    private func running(
        _ database: any Database,
        _ body: @escaping @Sendable () async throws -> [Finding]
    ) async throws -> [Finding] {
        try await withThrowingTaskGroup(of: [Finding]?.self) { group in
            group.addTask {
                try await database.run()
                return nil
            }
            group.addTask { try await body() }
            defer { group.cancelAll() }
            while let result = try await group.next() { if let result { return result } }
            return []
        }
    }

    private func look(at database: any Database, _ url: DatabaseURL) async throws -> [Finding] {
        let start = ContinuousClock.now
        do {
            try await database.write { transaction in
                try transaction.execute("CREATE TABLE martlet_doctor (n BIGINT)")
                try transaction.execute("INSERT INTO martlet_doctor (n) VALUES (1)")
                throw TakenBack()
            }
        } catch is TakenBack {}
        let milliseconds = Int((ContinuousClock.now - start) / .milliseconds(1))
        let written = Finding.ok(.database, "\(url.redacted) took a write, and took it back, in \(milliseconds) ms")
        return [written, await versions(database)] + [await outbox(database)].compactMap(\.self)
    }

    private func versions(_ database: any Database) async -> Finding {
        let rows = try? await database.read { transaction in
            try transaction.query("SELECT component, version FROM schema_versions ORDER BY component")
                .map { "\(try $0.text(0)) \(try $0.integer(1))" }
        }
        guard let rows, !rows.isEmpty else {
            return .warn(.database, "it has no tables of the suite", mend: "a service makes them at its start")
        }
        return .ok(.database, "versions of its tables: \(rows.joined(separator: ", "))")
    }

    private func outbox(_ database: any Database) async -> Finding? {
        let row = try? await database.read { transaction in
            try transaction.query("SELECT COUNT(*), MIN(created_at) FROM outbox").first
                .map { (try $0.integer(0), try $0.optionalInteger(1)) }
        }
        guard let (count, oldest) = row ?? nil else { return nil }
        guard let oldest else { return .ok(.database, "the outbox is empty") }
        let age = Duration.milliseconds(max(0, Timestamp.now.milliseconds - oldest))
        let what = "the outbox holds \(count), the oldest for \(Age.spell(.seconds(age.components.seconds)))"
        guard age > Self.patience else { return .ok(.database, what) }
        return .fail(.database, what, mend: "does the service run, and does the broker take messages (see alarms)?")
    }

    private struct TakenBack: Error {}
}
