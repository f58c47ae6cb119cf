package import EventSchema
package import MediaDomain
package import Persistence

/// The jobs in a table; see ``MediaSchema``.
package struct SQLJobTable: JobTable {
    package init() {}

    package func add(_ job: UploadJob, in transaction: SQLTransaction) throws {
        try transaction.execute(
            """
            INSERT INTO media_jobs (
                event_id, media_id, user_id, source_uri, trace_parent, trace_state, state, attempts, token, due_at,
                received_at
            ) VALUES ($1, $2, $3, $4, $5, $6, 'waiting', 0, 0, $7, $7) ON CONFLICT DO NOTHING
            """,
            [
                .uuid(job.eventID), .uuid(job.mediaID), .text(job.userID), .text(job.sourceURI),
                .optional(job.traceParent), .optional(job.traceState), .integer(job.receivedAt.milliseconds),
            ]
        )
    }

    package func claim(
        by owner: String,
        now: Timestamp,
        until deadline: Timestamp,
        in transaction: SQLTransaction
    ) throws -> JobLease? {
        let rows = try transaction.query(
            """
            SELECT event_id, media_id, user_id, source_uri, trace_parent, trace_state, received_at, attempts, token, state
            FROM media_jobs WHERE state <> 'ended' AND due_at <= $1 AND NOT EXISTS (
                SELECT 1 FROM media_jobs AS other WHERE other.media_id = media_jobs.media_id
                AND other.state = 'running' AND other.event_id <> media_jobs.event_id
            ) ORDER BY due_at LIMIT 1\(transaction.dialect.skipLocked)
            """,
            [.integer(now.milliseconds)]
        )
        guard let row = rows.first else { return nil }
        let lease = try JobLease(row)
        try transaction.execute(
            """
            UPDATE media_jobs SET state = 'running', attempts = $1, token = $2, owner = $3, due_at = $4
            WHERE event_id = $5
            """,
            [
                .int(lease.attempt), .integer(lease.token), .text(owner), .integer(deadline.milliseconds),
                .uuid(lease.job.eventID),
            ]
        )
        return lease
    }

    package func renew(_ lease: JobLease, until deadline: Timestamp, in transaction: SQLTransaction) throws -> Bool {
        try transaction.execute(
            "UPDATE media_jobs SET due_at = $1 WHERE event_id = $2 AND token = $3 AND state = 'running'",
            [.integer(deadline.milliseconds)] + lease.key
        ) == 1
    }

    package func finish(
        _ lease: JobLease,
        as word: String,
        now: Timestamp,
        in transaction: SQLTransaction
    ) throws -> Bool {
        try transaction.execute(
            """
            UPDATE media_jobs SET state = 'ended', outcome = $1, ended_at = $2
            WHERE event_id = $3 AND token = $4 AND state = 'running'
            """,
            [.text(word), .integer(now.milliseconds)] + lease.key
        ) == 1
    }

    package func giveBack(
        _ lease: JobLease,
        due: Timestamp,
        countsAsAttempt: Bool,
        in transaction: SQLTransaction
    ) throws -> Bool {
        try transaction.execute(
            """
            UPDATE media_jobs SET state = 'waiting', due_at = $1, attempts = $2
            WHERE event_id = $3 AND token = $4 AND state = 'running'
            """,
            [.integer(due.milliseconds), .int(countsAsAttempt ? lease.attempt : lease.attempt - 1)] + lease.key
        ) == 1
    }

    package func pending(in transaction: SQLTransaction) throws -> Int {
        try transaction.query("SELECT count(*) FROM media_jobs WHERE state <> 'ended'")[0].int(0)
    }
}

extension JobLease {
    fileprivate var key: [SQLValue] { [.uuid(job.eventID), .integer(token)] }

    /// The next lease of the job in `row`, which a query of ``SQLJobTable`` made.
    fileprivate init(_ row: SQLRow) throws {
        self.init(
            job: UploadJob(
                eventID: try row.uuid(0),
                mediaID: try row.uuid(1),
                userID: try row.text(2),
                sourceURI: try row.text(3),
                traceParent: try row.optionalText(4),
                traceState: try row.optionalText(5),
                receivedAt: Timestamp(milliseconds: try row.integer(6))
            ),
            token: try row.integer(8) + 1,
            attempt: try row.int(7) + 1,
            isTakeOver: try row.text(9) == "running"
        )
    }
}
