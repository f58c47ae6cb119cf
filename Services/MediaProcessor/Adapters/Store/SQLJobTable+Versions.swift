package import EventSchema
import Foundation
package import MediaDomain
package import Persistence

extension SQLJobTable {
    package func place(
        _ lease: JobLease,
        published: String?,
        in transaction: SQLTransaction
    ) throws -> String? {
        let rows = try transaction.query(
            """
            SELECT prefix FROM media_jobs WHERE event_id = $1 AND token = $2
            AND state = 'running'\(transaction.dialect.forUpdate)
            """,
            lease.key
        )
        guard let row = rows.first else { return nil }
        if let prefix = try row.optionalText(0), prefix != published { return prefix }
        let isFree = try published == nil && isFirstFree(for: lease.job, in: transaction)
        let prefix = isFree ? "" : VersionPrefix.own(of: lease.job.eventID)
        try transaction.execute(
            "UPDATE media_jobs SET prefix = $1 WHERE event_id = $2",
            [.text(prefix), .uuid(lease.job.eventID)]
        )
        return prefix
    }

    /// Whether nothing of another job lies in the media's own folder, or may still be written there.
    private func isFirstFree(for job: UploadJob, in transaction: SQLTransaction) throws -> Bool {
        try transaction.query(
            """
            SELECT 1 FROM media_removals WHERE media_id = $1 AND prefix = ''
            UNION ALL
            SELECT 1 FROM media_jobs WHERE media_id = $1 AND prefix = '' AND state <> 'ended' AND event_id <> $2
            LIMIT 1
            """,
            [.uuid(job.mediaID), .uuid(job.eventID)]
        )
        .isEmpty
    }

    package func place(of lease: JobLease, in transaction: SQLTransaction) throws -> JobPlace? {
        try transaction.query(
            "SELECT prefix, is_publishing, replaces FROM media_jobs WHERE event_id = $1 AND token = $2",
            lease.key
        )
        .first.flatMap { try JobPlace($0, at: 0) }
    }

    package func beginPublishing(
        _ lease: JobLease,
        replacing: String?,
        now: Timestamp,
        until deadline: Timestamp,
        in transaction: SQLTransaction
    ) throws -> Bool {
        let rows = try transaction.query(
            """
            SELECT is_publishing FROM media_jobs
            WHERE event_id = $1 AND token = $2 AND state = 'running'\(transaction.dialect.forUpdate)
            """,
            lease.key
        )
        guard let row = rows.first else { return false }
        try transaction.execute(
            "UPDATE media_jobs SET is_publishing = 1, replaces = $1, due_at = $2 WHERE event_id = $3",
            [.optional(replacing), .time(deadline), .uuid(lease.job.eventID)]
        )
        if try !row.bool(0) { try JobHistory.note(.publishing, of: lease.job.eventID, at: now, in: transaction) }
        return true
    }
}

extension JobPlace {
    /// From the columns `prefix`, `is_publishing` and `replaces`; `nil` for a job that has no place yet.
    init?(_ row: SQLRow, at column: Int) throws {
        guard let prefix = try row.optionalText(column) else { return nil }
        self.init(
            prefix: prefix,
            isPublishing: try row.bool(column + 1),
            replaces: try row.optionalText(column + 2)
        )
    }
}
