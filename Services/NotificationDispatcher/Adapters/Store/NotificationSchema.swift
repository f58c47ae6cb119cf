package import Persistence

/// The dispatcher's tables.
package enum NotificationSchema {
    package static let retention = [
        RetentionRule("notification_deliveries", key: ["notification_id", "channel"], age: "updated_at")
    ]

    package static let component = SchemaComponent(
        "notifications",
        [
            Migration(1) { dialect in
                [
                    """
                    CREATE TABLE notification_deliveries (
                        notification_id BYTEA NOT NULL, channel TEXT NOT NULL, state TEXT NOT NULL,
                        attempt BIGINT NOT NULL, updated_at BIGINT NOT NULL, PRIMARY KEY (notification_id, channel)
                    )\(dialect.clustered)
                    """,
                    "CREATE INDEX notification_deliveries_by_age ON notification_deliveries (updated_at)",
                ]
            }
        ]
    )
}
