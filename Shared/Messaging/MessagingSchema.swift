package import Persistence

/// The tables by which messages are neither lost nor worked on twice.
package enum MessagingSchema {
    /// What may be forgotten: an event that comes again after that is worked on again.
    package static let retention = [
        RetentionRule("inbox", key: ["consumer", "event_id"], age: "done_at"),
        RetentionRule("idempotency_keys", key: ["key"], age: "created_at"),
    ]

    package static let component = SchemaComponent(
        "messaging",
        [
            Migration(1) { dialect in
                [
                    // What a consumer has done; `digest` tells a repetition from another event under the same id.
                    """
                    CREATE TABLE inbox (
                        consumer TEXT NOT NULL, event_id BYTEA NOT NULL, digest BYTEA NOT NULL, done_at BIGINT NOT NULL,
                        PRIMARY KEY (consumer, event_id)
                    )\(dialect.clustered)
                    """,
                    "CREATE INDEX inbox_by_age ON inbox (done_at)",
                    // What is to be published; a row goes when the broker has confirmed it.
                    """
                    CREATE TABLE outbox (
                        id BYTEA NOT NULL PRIMARY KEY, service TEXT NOT NULL, claimed_by TEXT NOT NULL,
                        created_at BIGINT NOT NULL, exchange TEXT NOT NULL, routing_key TEXT NOT NULL,
                        properties TEXT NOT NULL, body BYTEA NOT NULL
                    )
                    """,
                    "CREATE INDEX outbox_by_claim ON outbox (claimed_by, id)",
                    // Who publishes; the rows of one that is silent are anybody's.
                    """
                    CREATE TABLE outbox_relays (
                        instance TEXT NOT NULL PRIMARY KEY, service TEXT NOT NULL, alive_until BIGINT NOT NULL
                    )
                    """,
                    // Requests that were answered, by the key that their sender chose.
                    """
                    CREATE TABLE idempotency_keys (
                        key TEXT NOT NULL PRIMARY KEY, digest BYTEA NOT NULL, response TEXT NOT NULL,
                        created_at BIGINT NOT NULL
                    )
                    """,
                    "CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at)",
                ]
            }
        ]
    )
}
