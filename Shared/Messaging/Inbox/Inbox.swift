import EventSchema
package import Logging
import Metrics
package import Persistence
import ServiceLifecycle

/// Does what is to be done about an event once, however often the event comes.
///
/// The effect, the note that it is done and the messages that follow from it are committed together. An event that comes
/// again is skipped; one that comes under the same id with another body is reported and skipped, too: the first one wins.
package struct Inbox: Sendable {
    /// What became of an event.
    package enum Outcome: Sendable, Hashable {
        /// Its effect is durable.
        case done
        /// It had been done before.
        case repeated
        /// Another event had been done under its id.
        case conflicting
    }

    private let database: any Database
    private let outbox: Outbox
    private let logger: Logger

    package init(database: any Database, outbox: Outbox, logger: Logger) {
        self.database = database
        self.outbox = outbox
        self.logger = logger
    }

    /// Does `effect` unless it has been done for `key`, and settles the delivery.
    ///
    /// While the database cannot be written to, or the broker takes nothing, this waits: a delivery that is held loses
    /// nothing and uses up no attempt. It waits until the task is cancelled, and then releases the delivery.
    ///
    /// - Parameter effect: Runs on the database's thread, perhaps more than once, see ``Persistence/Database/write(_:)``. Throws
    ///   ``Unprocessable`` to have the delivery parked.
    package func settle(
        _ key: InboxKey,
        _ effect: @escaping @Sendable (UnitOfWork) throws -> Void
    ) async -> Settlement {
        do {
            let outcome = try await perform(key, effect)
            failpoint(.committedBeforeAck)
            report(outcome, key)
            return .acknowledge
        } catch let error as Unprocessable {
            return .park(reason: error.description)
        } catch is CancellationError {
            return .release
        } catch {
            return .retry(after: .seconds(5), reason: "\(error)")
        }
    }

    /// Does `effect` unless it has been done for `key`.
    ///
    /// - Throws: what `effect` throws, ``DatabaseError`` for what waiting cannot mend, `CancellationError`.
    package func perform(
        _ key: InboxKey,
        _ effect: @escaping @Sendable (UnitOfWork) throws -> Void
    ) async throws -> Outcome {
        failpoint(.receivedBeforeWork)
        try await outbox.room()
        return try await database.persist { [outbox, context = HandlerContext()] transaction in
            guard try Self.note(key, in: transaction) else { return try Self.judge(key, in: transaction) }
            try context.run { try effect(UnitOfWork(transaction, outbox: outbox, context: context)) }
            failpoint(.workedBeforeCommit)
            return .done
        }
    }

    // MARK: The table

    /// Notes that an event is done; false if it was.
    private static func note(_ key: InboxKey, in transaction: SQLTransaction) throws(DatabaseError) -> Bool {
        try transaction.execute(
            """
            INSERT INTO inbox (consumer, event_id, digest, done_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING
            """,
            [.text(key.consumer), .uuid(key.eventID), .blob(key.digest), .integer(Timestamp.now.milliseconds)]
        ) == 1
    }

    private static func judge(_ key: InboxKey, in transaction: SQLTransaction) throws(DatabaseError) -> Outcome {
        let row = try transaction.query(
            "SELECT digest FROM inbox WHERE consumer = $1 AND event_id = $2",
            [.text(key.consumer), .uuid(key.eventID)]
        ).first
        return try row?.blob(0) == key.digest ? .repeated : .conflicting
    }

    private func report(_ outcome: Outcome, _ key: InboxKey) {
        guard outcome != .done else { return }
        let kind = outcome == .repeated ? "same" : "conflicting"
        let dimensions = [("queue", key.consumer), ("kind", kind)]
        Counter(label: "messaging_duplicates_total", dimensions: dimensions).increment()
        logger.log(
            level: outcome == .repeated ? .debug : .error,
            outcome == .repeated ? "event skipped, it is done" : "event skipped, another one has its id",
            metadata: ["messaging.queue": "\(key.consumer)", "event.id": "\(key.eventID.lowercased)"]
        )
    }
}

extension Database {
    /// ``write(_:)``, again and again while the database cannot be written to.
    ///
    /// What may have been written is done again: `work` has to recognise it.
    ///
    /// - Throws: what `work` throws, ``DatabaseError`` for what waiting cannot mend, `CancellationError`.
    package func persist<Value: Sendable>(
        _ work: @escaping @Sendable (SQLTransaction) throws -> Value
    ) async throws -> Value {
        var pause = Duration.milliseconds(100)
        while true {
            do {
                return try await write(work)
            } catch let error as DatabaseError where error.isTransient {
                try await Task.sleep(for: pause)
                pause = min(pause * 2, .seconds(5))
            }
        }
    }
}
