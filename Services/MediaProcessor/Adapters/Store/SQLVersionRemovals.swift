package import EventSchema
package import Foundation
package import MediaDomain
package import Persistence

/// What is to be removed, in a table; see ``MediaSchema``.
package struct SQLVersionRemovals: VersionRemovals {
    package init() {}

    package func add(_ removal: VersionRemoval, due: Timestamp, in transaction: SQLTransaction) throws {
        try transaction.execute(
            """
            INSERT INTO media_removals (media_id, prefix, due_at) VALUES ($1, $2, $3)
            ON CONFLICT (media_id, prefix) DO UPDATE SET due_at = excluded.due_at
            """,
            [.uuid(removal.mediaID), .text(removal.prefix), .time(due)]
        )
    }

    package func take(now: Timestamp, retry: Timestamp, in transaction: SQLTransaction) throws -> VersionRemoval? {
        let rows = try transaction.query(
            """
            SELECT media_id, prefix FROM media_removals WHERE due_at <= $1 AND NOT EXISTS (
                SELECT 1 FROM media_jobs WHERE media_jobs.media_id = media_removals.media_id
                AND media_jobs.prefix = media_removals.prefix AND media_jobs.state <> 'ended'
            ) ORDER BY due_at LIMIT 1\(transaction.dialect.skipLocked)
            """,
            [.time(now)]
        )
        guard let row = rows.first else { return nil }
        let removal = VersionRemoval(mediaID: try row.uuid(0), prefix: try row.text(1))
        try add(removal, due: retry, in: transaction)
        return removal
    }

    package func finish(_ removal: VersionRemoval, in transaction: SQLTransaction) throws {
        try transaction.execute(
            "DELETE FROM media_removals WHERE media_id = $1 AND prefix = $2",
            [.uuid(removal.mediaID), .text(removal.prefix)]
        )
    }

    package func hasOpenJob(of mediaID: UUID, in transaction: SQLTransaction) throws -> Bool {
        try !transaction.query(
            "SELECT 1 FROM media_jobs WHERE media_id = $1 AND state <> 'ended' LIMIT 1",
            [.uuid(mediaID)]
        )
        .isEmpty
    }
}
