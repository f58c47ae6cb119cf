package import EventSchema
package import Persistence

/// What is done about an event, in one transaction: all of it or nothing.
package struct UnitOfWork {
    package let transaction: SQLTransaction
    private let outbox: Outbox
    private let context: HandlerContext

    init(_ transaction: SQLTransaction, outbox: Outbox, context: HandlerContext) {
        self.transaction = transaction
        self.outbox = outbox
        self.context = context
    }

    /// Has `action` run once this is durable, on the database's thread and with the handler's span and event; not at all if
    /// it is taken back.
    package func afterCommit(_ action: @escaping @Sendable () -> Void) {
        transaction.afterCommit { [context] in context.run(action) }
    }

    /// Publishes a message once this is committed; see ``Outbox``.
    package func publish(_ message: Message, to destination: Destination) throws(DatabaseError) {
        try outbox.add(message, to: destination, in: transaction)
    }

    /// Publishes an event to the `events` exchange, under its type as routing key, once this is committed.
    package func publish(_ envelope: Envelope, trace: TraceContext) throws(DatabaseError) {
        try outbox.add(envelope, trace: trace, in: transaction)
    }
}

/// Why an event will never be worked on as it is; thrown by an effect, it parks the delivery.
package struct Unprocessable: Error, Sendable, CustomStringConvertible {
    package let description: String

    package init(_ reason: String) {
        description = reason
    }
}
