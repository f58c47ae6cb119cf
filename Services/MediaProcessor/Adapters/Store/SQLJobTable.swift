package import EventSchema
import Foundation
package import MediaDomain
package import Persistence

/// The jobs in a table; see ``MediaSchema``.
package struct SQLJobTable: JobTable {
    package init() {}

    package func add(_ job: UploadJob, in transaction: SQLTransaction) throws -> JobAdmission {
        try alone(job.mediaID, in: transaction)
        let count = try transaction.execute(
            """
            INSERT INTO media_jobs (
                event_id, media_id, user_id, source_uri, trace_parent, trace_state, state, attempts, token, due_at,
                received_at, sent_at
            ) VALUES ($1, $2, $3, $4, $5, $6, 'waiting', 0, 0, $7, $7, $8) ON CONFLICT DO NOTHING
            """,
            [
                .uuid(job.eventID), .uuid(job.mediaID), .text(job.userID), .text(job.sourceURI),
                .optional(job.traceParent), .optional(job.traceState), .time(job.receivedAt), .time(job.sentAt),
            ]
        )
        guard count == 1 else { return .known }
        try JobHistory.note(.received, of: job.eventID, at: job.receivedAt, in: transaction)
        guard let cancel = try earlierCancel(of: job, in: transaction) else { return .waits }
        try end(job, cancelledBecause: cancel.reason, now: job.receivedAt, in: transaction)
        return .cancelled(reason: cancel.reason)
    }

    // MARK: The lease

    package func claim(
        by owner: String,
        now: Timestamp,
        until deadline: Timestamp,
        in transaction: SQLTransaction
    ) throws -> JobLease? {
        let rows = try transaction.query(
            """
            SELECT \(Self.leaseColumns) FROM media_jobs
            LEFT JOIN (\(Self.runningByUser)) AS running ON running.user_id = media_jobs.user_id
            LEFT JOIN (\(Self.workByUser)) AS work ON work.user_id = media_jobs.user_id
            WHERE \(Self.isOpen) AND media_jobs.state IN ('waiting', 'running') AND media_jobs.due_at <= $2
            AND NOT \(Self.mediaIsTaken)
            ORDER BY coalesce(running.count, 0), coalesce(work.sum, 0), media_jobs.due_at
            LIMIT 1\(Self.lock(transaction))
            """,
            [.time(now.anHourBefore), .time(now)]
        )
        guard let row = rows.first else { return nil }
        let lease = try JobLease(row)
        try transaction.execute(
            """
            UPDATE media_jobs SET state = 'running', attempts = $1, token = $2, owner = $3, due_at = $4,
                started_at = coalesce(started_at, $5), worked_at = $5
            WHERE event_id = $6
            """,
            [
                .int(lease.attempt), .integer(lease.token), .text(owner), .time(deadline), .time(now),
                .uuid(lease.job.eventID),
            ]
        )
        var facts: JSONObject = ["node": .string(owner), "attempt": .integer(Int64(lease.attempt))]
        if lease.isTakeOver { facts["taken_over"] = true }
        let progress: JobProgress? = try row.json(UploadJob.columnCount + 4)
        if let parts = progress?.parts, parts.done > 0 { facts["parts_done"] = .integer(Int64(parts.done)) }
        try JobHistory.note(.started, of: lease.job.eventID, at: now, facts, in: transaction)
        return lease
    }

    static let leaseColumns = """
        \(UploadJob.columns), media_jobs.attempts, media_jobs.token, media_jobs.state, media_jobs.owner,
        media_jobs.progress
        """

    /// What the index on open jobs knows; SQLite does not derive it from the states that are asked for.
    static let isOpen = "media_jobs.state <> 'ended'"

    /// Another job of the media is worked on, or has begun to publish and goes on later: what either of them removes or
    /// puts back at its end must not be the other's.
    private static let mediaIsTaken = """
        EXISTS (
            SELECT 1 FROM media_jobs AS other
            WHERE other.media_id = media_jobs.media_id AND other.event_id <> media_jobs.event_id AND (
                other.state IN ('running', 'cancelling') OR other.state = 'waiting' AND other.is_publishing = 1
            )
        )
        """

    private static let runningByUser = """
        SELECT user_id, count(*) AS count FROM media_jobs WHERE state = 'running' GROUP BY user_id
        """

    /// From `$1` on.
    private static let workByUser = """
        SELECT user_id, CAST(sum(worked) AS BIGINT) AS sum FROM media_jobs WHERE worked_at > $1 GROUP BY user_id
        """

    /// PostgreSQL cannot lock what a join made up.
    private static func lock(_ transaction: SQLTransaction) -> String {
        transaction.dialect == .postgres ? " FOR UPDATE OF media_jobs SKIP LOCKED" : ""
    }

    package func renew(
        _ lease: JobLease,
        now: Timestamp,
        until deadline: Timestamp,
        progress: JobProgress?,
        in transaction: SQLTransaction
    ) throws -> LeaseState {
        let rows = try transaction.query(
            """
            SELECT state, progress FROM media_jobs
            WHERE event_id = $1 AND token = $2 AND state IN ('running', 'cancelling')\(transaction.dialect.forUpdate)
            """,
            lease.key
        )
        guard let row = rows.first else { return .lost }
        try transaction.execute(
            """
            UPDATE media_jobs SET due_at = $1, progress = coalesce($2, progress), \(Self.counting("$3")), worked_at = $3
            WHERE event_id = $4
            """,
            [.time(deadline), .json(progress), .time(now), .uuid(lease.job.eventID)]
        )
        if let progress, progress.isMilestone(after: try row.json(1)) {
            try JobHistory.note(.progress, of: lease.job.eventID, at: now, progress.facts, in: transaction)
        }
        return try row.text(0) == "running" ? .held : .cancelled
    }

    /// Adds the time since it was counted last; a clock that went back counts nothing.
    private static func counting(_ now: String) -> String {
        "worked = worked + CASE WHEN \(now) > worked_at THEN \(now) - worked_at ELSE 0 END"
    }

    // MARK: The end

    package func finish(
        _ lease: JobLease,
        _ ending: JobEnding,
        now: Timestamp,
        in transaction: SQLTransaction
    ) throws -> Bool {
        let state = ending.word == MediaError.Reason.cancelled.rawValue ? "cancelling" : "running"
        let count = try transaction.execute(
            """
            UPDATE media_jobs SET state = 'ended', outcome = $1, message = $2, result = $3,
                \(Self.counting("$4")), worked_at = $4, ended_at = $4
            WHERE event_id = $5 AND token = $6 AND state = $7
            """,
            [.text(ending.word), .optional(ending.message), .json(ending.result), .time(now)] + lease.key
                + [.text(state)]
        )
        guard count == 1 else { return false }
        var facts: JSONObject = ["outcome": .string(ending.word)]
        facts.set("message", ending.message)
        try JobHistory.note(.ended, of: lease.job.eventID, at: now, facts, in: transaction)
        return true
    }

    package func giveBack(
        _ lease: JobLease,
        _ pause: JobPause,
        now: Timestamp,
        due: Timestamp,
        in transaction: SQLTransaction
    ) throws -> Bool {
        var (attempts, message, facts) = (lease.attempt - 1, String?.none, JSONObject())
        if case .retry(let error) = pause {
            (attempts, message) = (lease.attempt, error.message)
            facts = ["reason": .string(error.reason.rawValue), "message": .string(error.message)]
        }
        let count = try transaction.execute(
            """
            UPDATE media_jobs SET state = 'waiting', due_at = $1, attempts = $2, message = $3,
                \(Self.counting("$4")), worked_at = $4
            WHERE event_id = $5 AND token = $6 AND state = 'running'
            """,
            [.time(due), .int(attempts), .optional(message), .time(now)] + lease.key
        )
        guard count == 1 else { return false }
        try JobHistory.note(pause.what, of: lease.job.eventID, at: now, facts, in: transaction)
        return true
    }

    // MARK: Counting

    package func pending(in transaction: SQLTransaction) throws -> Int {
        try transaction.query("SELECT count(*) FROM media_jobs WHERE state <> 'ended'")[0].int(0)
    }

    package func hasOthersWaiting(than user: String, now: Timestamp, in transaction: SQLTransaction) throws -> Bool {
        let rows = try transaction.query(
            """
            SELECT 1 FROM media_jobs
            LEFT JOIN (\(Self.runningByUser)) AS running ON running.user_id = media_jobs.user_id
            WHERE \(Self.isOpen) AND media_jobs.state = 'waiting' AND media_jobs.due_at <= $1
            AND media_jobs.user_id <> $2
            AND coalesce(running.count, 0) < (
                SELECT count(*) FROM media_jobs AS ours WHERE ours.state = 'running' AND ours.user_id = $2
            )
            AND NOT \(Self.mediaIsTaken)
            LIMIT 1
            """,
            [.time(now), .text(user)]
        )
        return !rows.isEmpty
    }
}

extension JobPause {
    fileprivate var what: JobHistoryEntry.What {
        switch self {
        case .retry: .retried
        case .interrupted: .interrupted
        case .yielded: .yielded
        }
    }
}

extension Timestamp {
    fileprivate var anHourBefore: Timestamp { Timestamp(milliseconds: milliseconds - 3_600_000) }
}

extension JobLease {
    /// The next lease of the job in `row`, which a query of ``SQLJobTable`` made.
    init(_ row: SQLRow) throws {
        let next = UploadJob.columnCount
        let state = try row.text(next + 2)
        self.init(
            job: try UploadJob(row),
            token: try row.integer(next + 1) + 1,
            attempt: try row.int(next) + (state == "cancelling" ? 0 : 1),
            isTakeOver: state == "running" || state == "cancelling" && !row.isNull(next + 3)
        )
    }
}
