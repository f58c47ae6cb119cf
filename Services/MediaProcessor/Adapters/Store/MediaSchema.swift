package import Persistence

/// The processor's tables.
package enum MediaSchema {
    package static let retention = [
        RetentionRule("media_jobs", key: ["event_id"], age: "ended_at"),
        RetentionRule("media_job_history", key: ["event_id", "number"], age: "at"),
        // A message that was overtaken is not a day behind.
        RetentionRule("media_cancels", key: ["media_id"], age: "received_at", after: .seconds(86_400)),
    ]

    package static let component = SchemaComponent(
        "media",
        [
            Migration(1) { _ in
                [
                    """
                    CREATE TABLE media_jobs (
                        event_id BYTEA NOT NULL PRIMARY KEY, media_id BYTEA NOT NULL, user_id TEXT NOT NULL,
                        source_uri TEXT NOT NULL, trace_parent TEXT, trace_state TEXT,
                        state TEXT NOT NULL, attempts BIGINT NOT NULL, token BIGINT NOT NULL,
                        owner TEXT, due_at BIGINT NOT NULL, received_at BIGINT NOT NULL, ended_at BIGINT, outcome TEXT
                    )
                    """,
                    // What may be worked on: a waiting job from `due_at`, a running one whose lease ran out then.
                    "CREATE INDEX media_jobs_open ON media_jobs (due_at) WHERE state <> 'ended'",
                    "CREATE INDEX media_jobs_by_age ON media_jobs (ended_at)",
                    // However two workers race, one job of a media runs.
                    "CREATE UNIQUE INDEX media_jobs_running ON media_jobs (media_id) WHERE state = 'running'",
                ]
            },
            Migration(2) { dialect in control(dialect) },
        ]
    )

    /// Cancelling, versions that replace each other, and what an operator sees of a job.
    private static func control(_ dialect: SQLDialect) -> [String] {
        let columns = [
            "sent_at BIGINT", "started_at BIGINT", "message TEXT", "progress TEXT", "result TEXT",
            "prefix TEXT", "is_publishing BIGINT NOT NULL DEFAULT 0", "replaces TEXT",
            // Milliseconds of work, counted up to `worked_at`.
            "worked BIGINT NOT NULL DEFAULT 0", "worked_at BIGINT",
        ]
        return columns.map { "ALTER TABLE media_jobs ADD COLUMN \($0)" } + [
            "CREATE INDEX media_jobs_by_arrival ON media_jobs (received_at, event_id)",
            "CREATE INDEX media_jobs_by_media ON media_jobs (media_id)",
            "CREATE INDEX media_jobs_by_user ON media_jobs (user_id, received_at)",
            "CREATE INDEX media_jobs_by_work ON media_jobs (worked_at)",
            """
            CREATE TABLE media_job_history (
                event_id BYTEA NOT NULL, number BIGINT NOT NULL, at BIGINT NOT NULL, what TEXT NOT NULL,
                facts TEXT NOT NULL, PRIMARY KEY (event_id, number)
            )\(dialect.clustered)
            """,
            "CREATE INDEX media_job_history_by_age ON media_job_history (at)",
            """
            CREATE TABLE media_cancels (
                media_id BYTEA NOT NULL PRIMARY KEY, sent_at BIGINT NOT NULL, reason TEXT, received_at BIGINT NOT NULL
            )
            """,
            """
            CREATE TABLE media_removals (
                media_id BYTEA NOT NULL, prefix TEXT NOT NULL, due_at BIGINT NOT NULL, PRIMARY KEY (media_id, prefix)
            )
            """,
            "CREATE INDEX media_removals_due ON media_removals (due_at)",
        ]
    }
}
