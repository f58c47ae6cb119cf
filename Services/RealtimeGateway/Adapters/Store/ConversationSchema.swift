package import Persistence

/// The gateway's tables: conversations and what was said in them.
package enum ConversationSchema {
    /// What may be forgotten: sanctions that are over, notifications after 90 days, and what is left of processes that have
    /// not been there for a day.
    package static let retention = [
        RetentionRule("moderation", key: ["conversation", "kind", "user_id"], age: "ends_at"),
        RetentionRule("notifications", key: ["user_id", "id"], age: "created_at", after: .seconds(90 * 86_400)),
        RetentionRule("absent_clients", key: ["key"], age: "saved_at", after: .seconds(7 * 86_400)),
        RetentionRule("gateway_processes", key: ["name"], age: "seen_at", after: .seconds(86_400)),
    ]

    package static let component = SchemaComponent(
        "conversations",
        [
            Migration(1) { dialect in
                conversations(dialect) + messages(dialect) + people(dialect)
            },
            Migration(2) { moderation($0) },
            Migration(3) { notifications($0) },
            Migration(4) { absentClients($0) },
        ]
    )

    private static func conversations(_ dialect: SQLDialect) -> [String] {
        [
            // One that no backend has described has no `access`, and is there for its `last_seq`.
            """
            CREATE TABLE conversations (
                key TEXT NOT NULL PRIMARY KEY, name TEXT, access TEXT, description TEXT, workspace_id TEXT,
                last_seq BIGINT NOT NULL, created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL
            )
            """,
            "CREATE INDEX conversations_by_workspace ON conversations (workspace_id)",
            """
            CREATE TABLE conversation_members (
                conversation TEXT NOT NULL, user_id TEXT NOT NULL, added_at BIGINT NOT NULL,
                PRIMARY KEY (conversation, user_id)
            )\(dialect.clustered)
            """,
        ]
    }

    private static func messages(_ dialect: SQLDialect) -> [String] {
        [
            """
            CREATE TABLE conversation_messages (
                conversation TEXT NOT NULL, seq BIGINT NOT NULL, id BYTEA NOT NULL, author_id TEXT NOT NULL,
                content TEXT NOT NULL, position TEXT, thread_id BYTEA, attachments TEXT, mentions TEXT,
                inserted_at BIGINT NOT NULL, edited_at BIGINT, deleted_at BIGINT, thread_started_at BIGINT,
                reply_count BIGINT NOT NULL DEFAULT 0, PRIMARY KEY (conversation, seq)
            )\(dialect.clustered)
            """,
            // What a page shows.
            """
            CREATE INDEX conversation_messages_shown ON conversation_messages (conversation, seq)
            WHERE thread_id IS NULL AND deleted_at IS NULL
            """,
            "CREATE UNIQUE INDEX conversation_messages_by_id ON conversation_messages (id)",
            """
            CREATE INDEX conversation_messages_by_thread ON conversation_messages (thread_id, author_id)
            WHERE thread_id IS NOT NULL
            """,
            """
            CREATE TABLE message_reactions (
                id BYTEA NOT NULL PRIMARY KEY, message_id BYTEA NOT NULL, user_id TEXT NOT NULL, emoji TEXT NOT NULL,
                inserted_at BIGINT NOT NULL, UNIQUE (message_id, user_id, emoji)
            )
            """,
        ]
    }

    private static func people(_ dialect: SQLDialect) -> [String] {
        [
            """
            CREATE TABLE read_receipts (
                conversation TEXT NOT NULL, user_id TEXT NOT NULL, message_id BYTEA NOT NULL, seq BIGINT NOT NULL,
                read_at BIGINT NOT NULL, PRIMARY KEY (conversation, user_id)
            )\(dialect.clustered)
            """,
            """
            CREATE TABLE profiles (
                user_id TEXT NOT NULL PRIMARY KEY, name TEXT NOT NULL, avatar_url TEXT, updated_at BIGINT NOT NULL
            )
            """,
        ]
    }

    private static func moderation(_ dialect: SQLDialect) -> [String] {
        [
            "ALTER TABLE conversations ADD COLUMN owner_id TEXT",
            // What is imposed on whoever has the id: a room, a stream, or both.
            """
            CREATE TABLE moderation (
                conversation TEXT NOT NULL, kind TEXT NOT NULL, user_id TEXT NOT NULL, reason TEXT,
                moderator_id TEXT NOT NULL, decided_at BIGINT NOT NULL, ends_at BIGINT, interval_s BIGINT,
                PRIMARY KEY (conversation, kind, user_id)
            )\(dialect.clustered)
            """,
            "CREATE INDEX moderation_by_end ON moderation (ends_at) WHERE ends_at IS NOT NULL",
        ]
    }

    private static func notifications(_ dialect: SQLDialect) -> [String] {
        [
            """
            CREATE TABLE notifications (
                user_id TEXT NOT NULL, id BYTEA NOT NULL, type TEXT NOT NULL, title TEXT NOT NULL, body TEXT NOT NULL,
                data TEXT NOT NULL, created_at BIGINT NOT NULL, read_at BIGINT, PRIMARY KEY (user_id, id)
            )
            """,
            "CREATE INDEX notifications_by_time ON notifications (user_id, created_at, id)",
            "CREATE INDEX notifications_unread ON notifications (user_id, created_at, id) WHERE read_at IS NULL",
            "CREATE INDEX notifications_by_age ON notifications (created_at)",
        ]
    }

    private static func absentClients(_ dialect: SQLDialect) -> [String] {
        [
            """
            CREATE TABLE absent_clients (
                key TEXT NOT NULL PRIMARY KEY, user_id TEXT NOT NULL, process TEXT NOT NULL, state BYTEA NOT NULL,
                saved_at BIGINT NOT NULL
            )
            """,
            "CREATE INDEX absent_clients_by_user ON absent_clients (user_id)",
            "CREATE INDEX absent_clients_by_age ON absent_clients (saved_at)",
            """
            CREATE TABLE gateway_processes (name TEXT NOT NULL PRIMARY KEY, seen_at BIGINT NOT NULL)\(dialect.clustered)
            """,
        ]
    }
}
