package import EventSchema
import Foundation
package import MediaDomain
package import Persistence

extension SQLJobTable {
    package func cancel(
        _ request: CancelRequest,
        now: Timestamp,
        in transaction: SQLTransaction
    ) throws -> CancelEffect {
        try alone(request.mediaID, in: transaction)
        if request.eventID == nil { try remember(request, now: now, in: transaction) }
        var effect = CancelEffect()
        for row in try jobs(meantBy: request, in: transaction) {
            let job = try UploadJob(row)
            // Whoever leased it once may have written something.
            if try row.integer(UploadJob.columnCount) == 0 {
                try end(job, cancelledBecause: request.reason, now: now, in: transaction)
                effect.ended.append(job)
            } else {
                try stop(job, request, now: now, in: transaction)
                effect.stopping += 1
            }
        }
        return effect
    }

    private func jobs(meantBy request: CancelRequest, in transaction: SQLTransaction) throws -> [SQLRow] {
        let one = request.eventID == nil ? "" : " AND event_id = $3"
        return try transaction.query(
            """
            SELECT \(UploadJob.columns), token FROM media_jobs
            WHERE media_id = $1 AND coalesce(sent_at, received_at) <= $2\(one)
            AND state IN ('waiting', 'running') AND (is_publishing = 0 OR replaces IS NULL)\(transaction.dialect.forUpdate)
            """,
            [.uuid(request.mediaID), .time(request.sentAt.latest)] + (request.eventID.map { [.uuid($0)] } ?? [])
        )
    }

    /// A job that waits is due at once, for whoever cleans up; one that runs is its owner's until the lease ends.
    private func stop(
        _ job: UploadJob,
        _ request: CancelRequest,
        now: Timestamp,
        in transaction: SQLTransaction
    ) throws {
        try transaction.execute(
            """
            UPDATE media_jobs SET message = $1, owner = CASE WHEN state = 'waiting' THEN NULL ELSE owner END,
                due_at = CASE WHEN state = 'waiting' THEN $2 ELSE due_at END, state = 'cancelling'
            WHERE event_id = $3
            """,
            [.optional(request.reason), .time(now), .uuid(job.eventID)]
        )
        try note(request.reason, of: job, now: now, in: transaction)
    }

    /// Ends a job that nobody has begun.
    func end(
        _ job: UploadJob,
        cancelledBecause reason: String?,
        now: Timestamp,
        in transaction: SQLTransaction
    ) throws {
        try transaction.execute(
            """
            UPDATE media_jobs SET state = 'ended', outcome = 'cancelled', message = $1, ended_at = $2
            WHERE event_id = $3
            """,
            [.optional(reason), .time(now), .uuid(job.eventID)]
        )
        try note(reason, of: job, now: now, in: transaction)
        try JobHistory.note(.ended, of: job.eventID, at: now, ["outcome": "cancelled"], in: transaction)
    }

    private func note(
        _ reason: String?,
        of job: UploadJob,
        now: Timestamp,
        in transaction: SQLTransaction
    ) throws {
        var facts: JSONObject = [:]
        facts.set("reason", reason)
        try JobHistory.note(.cancelRequested, of: job.eventID, at: now, facts, in: transaction)
    }

    // MARK: Who has to know

    package func cancelling(
        by owner: String,
        now: Timestamp,
        in transaction: SQLTransaction
    ) throws -> CancelledWork {
        var work = CancelledWork(own: [], waits: false)
        let rows = try transaction.query(
            "SELECT event_id, owner, due_at FROM media_jobs WHERE \(Self.isOpen) AND state = 'cancelling'"
        )
        for row in rows {
            if try row.integer(2) <= now.milliseconds {
                work.waits = true
            } else if try row.optionalText(1) == owner {
                work.own.insert(try row.uuid(0))
            }
        }
        return work
    }

    package func cancelReason(_ lease: JobLease, in transaction: SQLTransaction) throws -> String? {
        try transaction.query("SELECT message FROM media_jobs WHERE event_id = $1 AND token = $2", lease.key)
            .first?.optionalText(0)
    }

    package func claimCancelled(
        by owner: String,
        now: Timestamp,
        until deadline: Timestamp,
        in transaction: SQLTransaction
    ) throws -> JobLease? {
        let rows = try transaction.query(
            """
            SELECT \(Self.leaseColumns) FROM media_jobs
            WHERE \(Self.isOpen) AND state = 'cancelling' AND due_at <= $1
            ORDER BY due_at LIMIT 1\(transaction.dialect.skipLocked)
            """,
            [.time(now)]
        )
        guard let row = rows.first else { return nil }
        let lease = try JobLease(row)
        try transaction.execute(
            "UPDATE media_jobs SET token = $1, owner = $2, due_at = $3, worked_at = $4 WHERE event_id = $5",
            [.integer(lease.token), .text(owner), .time(deadline), .time(now), .uuid(lease.job.eventID)]
        )
        return lease
    }

    // MARK: Cancels that came first

    /// Has an upload and its cancel wait for one another where transactions do not see each other's rows: PostgreSQL.
    func alone(_ mediaID: UUID, in transaction: SQLTransaction) throws {
        guard transaction.dialect == .postgres else { return }
        _ = try transaction.query(
            "SELECT 1 FROM (SELECT pg_advisory_xact_lock(hashtextextended($1, 0))) AS held",
            [.text(mediaID.uuidString)]
        )
    }

    private func remember(_ request: CancelRequest, now: Timestamp, in transaction: SQLTransaction) throws {
        try transaction.execute(
            """
            INSERT INTO media_cancels (media_id, sent_at, reason, received_at) VALUES ($1, $2, $3, $4)
            ON CONFLICT (media_id) DO UPDATE
            SET sent_at = excluded.sent_at, reason = excluded.reason, received_at = excluded.received_at
            WHERE media_cancels.sent_at < excluded.sent_at
            """,
            [.uuid(request.mediaID), .time(request.sentAt), .optional(request.reason), .time(now)]
        )
    }

    /// A cancel that has overtaken the upload that it is for.
    func earlierCancel(of job: UploadJob, in transaction: SQLTransaction) throws -> (reason: String?, sentAt: Int64)? {
        try transaction.query(
            "SELECT reason, sent_at FROM media_cancels WHERE media_id = $1 AND sent_at > $2",
            [.uuid(job.mediaID), .time(job.sentAt.latest)]
        )
        .first.map { (try $0.optionalText(0), try $0.integer(1)) }
    }
}
