package import EventSchema
package import Persistence
package import RealtimeDomain

/// Clients that may come back, in a database; see ``ConversationSchema``.
package struct SQLAbsentClientStore: AbsentClientStore {
    private let database: any Database

    package init(database: any Database) {
        self.database = database
    }

    package func note(
        _ process: String,
        saving clients: [AbsentClient],
        removing keys: [String],
        at now: Timestamp
    ) async throws {
        try await database.write { transaction in
            try transaction.execute(
                """
                INSERT INTO gateway_processes (name, seen_at) VALUES ($1, $2)
                ON CONFLICT (name) DO UPDATE SET seen_at = excluded.seen_at
                """,
                [.text(process), .integer(now.milliseconds)]
            )
            for client in clients { try Self.save(client, process, now, transaction) }
            try Self.remove(keys, transaction)
        }
    }

    private static func save(
        _ client: AbsentClient,
        _ process: String,
        _ now: Timestamp,
        _ transaction: SQLTransaction
    ) throws {
        try transaction.execute(
            """
            INSERT INTO absent_clients (key, user_id, process, state, saved_at) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (key) DO UPDATE
            SET process = excluded.process, state = excluded.state, saved_at = excluded.saved_at
            """,
            [
                .text(client.key), .text(client.userID), .text(process), .blob(client.state),
                .integer(now.milliseconds),
            ]
        )
    }

    private static func remove(_ keys: [String], _ transaction: SQLTransaction) throws {
        for key in keys { try transaction.execute("DELETE FROM absent_clients WHERE key = $1", [.text(key)]) }
    }

    package func take(_ key: String, aliveSince limit: Timestamp) async throws -> AbsentClient? {
        try await database.write { transaction in
            let rows = try transaction.query(
                """
                DELETE FROM absent_clients WHERE key = $1 RETURNING user_id, state,
                    (SELECT seen_at FROM gateway_processes WHERE name = absent_clients.process)
                """,
                [.text(key)]
            )
            guard let row = rows.first, !row.isNull(2), try row.integer(2) >= limit.milliseconds else { return nil }
            return AbsentClient(key: key, userID: try row.text(0), state: try row.blob(1))
        }
    }

    package func removeAll(of userID: String) async throws {
        try await database.write { transaction in
            try transaction.execute("DELETE FROM absent_clients WHERE user_id = $1", [.text(userID)])
        }
    }
}
