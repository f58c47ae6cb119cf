import Persistence

/// The statements of an outbox; see ``MessagingSchema``.
struct OutboxTable: Sendable {
    let service: String
    let instance: String

    func insert(_ entry: OutboxEntry, in transaction: SQLTransaction) throws(DatabaseError) {
        try transaction.execute(
            """
            INSERT INTO outbox (id, service, claimed_by, created_at, exchange, routing_key, properties, body)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            """,
            [
                entry.id.value, .text(service), .text(instance), .integer(entry.createdAt),
                .text(entry.destination.exchange), .text(entry.destination.routingKey),
                .text(entry.message.storedProperties), .blob(entry.message.body),
            ]
        )
    }

    func delete(_ ids: [OutboxID], in transaction: SQLTransaction) throws(DatabaseError) {
        // Two statements, prepared once each: one for whole lots, which saves round trips, one for the rest.
        var rest = ids[...]
        while rest.count >= Self.lot {
            let lot = rest.prefix(Self.lot)
            rest = rest.dropFirst(Self.lot)
            try transaction.execute(Self.deleteLot, lot.map(\.value))
        }
        for id in rest { try transaction.execute("DELETE FROM outbox WHERE id = $1", [id.value]) }
    }

    private static let lot = 32
    private static let deleteLot =
        "DELETE FROM outbox WHERE id IN (\((1...lot).map { "$\($0)" }.joined(separator: ", ")))"

    /// Rows of this instance past `cursor`, oldest first.
    func load(
        after cursor: OutboxID,
        atMost limit: Int,
        in transaction: SQLTransaction
    ) throws(DatabaseError) -> [OutboxEntry] {
        let rows = try transaction.query(
            """
            SELECT id, exchange, routing_key, properties, body, created_at FROM outbox
            WHERE claimed_by = $1 AND id > $2 ORDER BY id LIMIT $3
            """,
            [.text(instance), cursor.value, .int(limit)]
        )
        var entries: [OutboxEntry] = []
        for row in rows { entries.append(try OutboxEntry(row)) }
        return entries
    }

    /// Says that this instance lives, and counts as alive for `lifetime` from now on.
    ///
    /// By the database's clock: those of the instances' machines may differ by more than a lifetime.
    func announce(for lifetime: Duration, in transaction: SQLTransaction) throws(DatabaseError) {
        try transaction.execute(
            """
            INSERT INTO outbox_relays (instance, service, alive_until)
            VALUES ($1, $2, \(transaction.dialect.milliseconds) + $3)
            ON CONFLICT (instance) DO UPDATE SET alive_until = excluded.alive_until
            """,
            [.text(instance), .text(service), .integer(Int64(lifetime / .milliseconds(1)))]
        )
    }

    /// Says that this instance has ended, so that others need not wait for its silence.
    func retire(in transaction: SQLTransaction) throws(DatabaseError) {
        try transaction.execute("DELETE FROM outbox_relays WHERE instance = $1", [.text(instance)])
    }

    /// Takes over rows whose instance is silent, the oldest of each first; returns how many.
    func adopt(in transaction: SQLTransaction) throws(DatabaseError) -> Int {
        let now = transaction.dialect.milliseconds
        var count = 0
        for owner in try silentOwners(in: transaction) {
            count += try transaction.execute(
                """
                UPDATE outbox SET claimed_by = $1 WHERE id IN (
                    SELECT id FROM outbox WHERE claimed_by = $2 AND service = $3
                    ORDER BY id LIMIT 1000\(transaction.dialect.skipLocked)
                )
                """,
                [.text(instance), owner, .text(service)]
            )
        }
        try transaction.execute(
            "DELETE FROM outbox_relays WHERE service = $1 AND alive_until < \(now) - 86400000",
            [.text(service)]
        )
        return count
    }

    /// Whose rows are anybody's; some may be another service's.
    ///
    /// Steps from one owner to the next in the index: a look must stay cheap when a million rows wait for the broker.
    private func silentOwners(in transaction: SQLTransaction) throws(DatabaseError) -> [SQLValue] {
        try transaction.query(
            """
            WITH RECURSIVE owners (name) AS (
                SELECT min(claimed_by) FROM outbox
                UNION ALL
                SELECT (SELECT min(claimed_by) FROM outbox WHERE claimed_by > name) FROM owners WHERE name IS NOT NULL
            )
            SELECT name FROM owners WHERE name <> $1 AND NOT EXISTS (
                SELECT 1 FROM outbox_relays WHERE instance = name AND alive_until > \(transaction.dialect.milliseconds)
            )
            """,
            [.text(instance)]
        ).map { row throws(DatabaseError) in .text(try row.text(0)) }
    }

    /// When the oldest row of the service was made, whoever is to publish it; milliseconds since 1970.
    func oldest(in transaction: SQLTransaction) throws(DatabaseError) -> Int64? {
        try transaction.query(
            "SELECT created_at FROM outbox WHERE service = $1 ORDER BY id LIMIT 1",
            [.text(service)]
        ).first?.integer(0)
    }
}

extension OutboxEntry {
    fileprivate init(_ row: SQLRow) throws(DatabaseError) {
        self.init(
            id: try OutboxID(try row.blob(0)),
            message: try Message(storedProperties: try row.text(3), body: try row.blob(4)),
            destination: Destination(exchange: try row.text(1), routingKey: try row.text(2)),
            createdAt: try row.integer(5)
        )
    }
}
