package import EventSchema
package import NotificationDomain
package import Persistence

/// The deliveries in a table; see ``NotificationSchema``.
package struct SQLDeliveryTable: DeliveryTable {
    private enum State: String {
        /// Its attempt is with the provider, or was when the process died.
        case begun
        /// Its attempt failed, the next is on its way.
        case postponed
        case ended
    }

    package init() {}

    package func begin(
        _ key: DeliveryKey,
        attempt: Int,
        now: Timestamp,
        in transaction: SQLTransaction
    ) throws -> DeliveryDecision {
        let inserted = try transaction.execute(
            """
            INSERT INTO notification_deliveries (notification_id, channel, state, attempt, updated_at)
            VALUES ($1, $2, 'begun', $3, $4) ON CONFLICT DO NOTHING
            """,
            key.values + [.int(attempt), .integer(now.milliseconds)]
        )
        guard inserted == 0 else { return .deliver }
        let row = try transaction.query(
            "SELECT state, attempt FROM notification_deliveries WHERE notification_id = $1 AND channel = $2",
            key.values
        )[0]
        let decision = Self.decide(State(rawValue: try row.text(0)), noted: try row.int(1), attempt)
        if decision != .skip { try set(.begun, key, attempt, now, transaction) }
        return decision
    }

    private static func decide(_ state: State?, noted: Int, _ attempt: Int) -> DeliveryDecision {
        switch state {
        case .begun where noted == attempt: .deliverAmbiguous
        case .begun where noted < attempt, .postponed where noted < attempt: .deliver
        case .begun, .postponed, .ended, nil: .skip
        }
    }

    package func postpone(
        _ key: DeliveryKey,
        attempt: Int,
        now: Timestamp,
        in transaction: SQLTransaction
    ) throws {
        try set(.postponed, key, attempt, now, transaction)
    }

    package func finish(
        _ key: DeliveryKey,
        now: Timestamp,
        in transaction: SQLTransaction
    ) throws -> Bool {
        try transaction.execute(
            """
            UPDATE notification_deliveries SET state = 'ended', updated_at = $1
            WHERE notification_id = $2 AND channel = $3 AND state <> 'ended'
            """,
            [.integer(now.milliseconds)] + key.values
        ) == 1
    }

    private func set(
        _ state: State,
        _ key: DeliveryKey,
        _ attempt: Int,
        _ now: Timestamp,
        _ transaction: SQLTransaction
    ) throws {
        try transaction.execute(
            """
            UPDATE notification_deliveries SET state = $1, attempt = $2, updated_at = $3
            WHERE notification_id = $4 AND channel = $5
            """,
            [.text(state.rawValue), .int(attempt), .integer(now.milliseconds)] + key.values
        )
    }
}

extension DeliveryKey {
    fileprivate var values: [SQLValue] { [.uuid(notification), .text(channel.rawValue)] }
}
