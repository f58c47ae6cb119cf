package import Persistence

/// The processor's tables.
package enum MediaSchema {
    package static let retention = [RetentionRule("media_jobs", key: ["event_id"], age: "ended_at")]

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
            }
        ]
    )
}
