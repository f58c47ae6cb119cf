package import Foundation
package import Logging
import ServiceLifecycle

/// Forgets what is long done, so that tables do not grow for ever.
package struct Retention: Service {
    private static let interval = Duration.seconds(600)

    private let database: any Database
    private let rules: [RetentionRule]
    private let age: Duration
    private let logger: Logger

    package init(database: any Database, rules: [RetentionRule], age: Duration, logger: Logger) {
        self.database = database
        self.rules = rules
        self.age = age
        self.logger = logger
    }

    /// Deletes old rows now and then, until graceful shutdown.
    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    try await clean(now: Date())
                } catch {
                    logger.warning("old rows not deleted", metadata: ["error": "\(error)"])
                }
                try? await Task.sleep(for: Self.interval)
            }
        }
    }

    /// Deletes what is older than its rule's age, in small transactions.
    package func clean(now: Date) async throws {
        for rule in rules {
            let limit = Int64((now.timeIntervalSince1970 - (rule.lifetime ?? age) / .seconds(1)) * 1000)
            var deleted = RetentionRule.lot
            while deleted == RetentionRule.lot, !Task.isCancelled {
                deleted = try await database.write { try $0.execute(rule.statement, [.integer(limit)]) }
            }
        }
    }
}
