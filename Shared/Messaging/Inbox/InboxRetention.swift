package import EventSchema
package import Logging
package import Persistence
import ServiceLifecycle

/// Forgets what was done long ago, so that the inbox does not grow for ever.
///
/// An event that comes again after that time is worked on again.
package struct InboxRetention: Service {
    private static let interval = Duration.seconds(600)
    /// Rows that one transaction deletes, so that nobody waits long for it.
    private static let lot = 1000

    private let database: any Database
    private let age: Duration
    private let logger: Logger

    package init(database: any Database, age: Duration, logger: Logger) {
        self.database = database
        self.age = age
        self.logger = logger
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    try await clean()
                } catch {
                    logger.warning("old inbox rows not deleted", metadata: ["error": "\(error)"])
                }
                try? await Task.sleep(for: Self.interval)
            }
        }
    }

    /// Deletes what is older than the age.
    package func clean(now: Timestamp = .now) async throws {
        let limit = now.milliseconds - Int64(age / .milliseconds(1))
        try await clean(
            """
            DELETE FROM inbox WHERE (consumer, event_id) IN (
                SELECT consumer, event_id FROM inbox WHERE done_at < $1 LIMIT \(Self.lot)
            )
            """,
            limit
        )
        try await clean(
            """
            DELETE FROM idempotency_keys WHERE key IN (
                SELECT key FROM idempotency_keys WHERE created_at < $1 LIMIT \(Self.lot)
            )
            """,
            limit
        )
    }

    private func clean(_ sql: String, _ limit: Int64) async throws {
        var deleted = Self.lot
        while deleted == Self.lot, !Task.isCancelled {
            deleted = try await database.write { try $0.execute(sql, [.integer(limit)]) }
        }
    }
}
