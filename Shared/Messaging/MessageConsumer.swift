import EventSchema

/// A message on its way to a handler.
package struct Delivery: Sendable {
    package let message: Message
    /// Where it was published, as far as the broker tells.
    package let source: Destination
    /// The queue it came from.
    package let queue: String
    /// Whether the broker has handed it out before.
    package let redelivered: Bool

    package init(message: Message, source: Destination, queue: String, redelivered: Bool) {
        self.message = message
        self.source = source
        self.queue = queue
        self.redelivered = redelivered
    }

    /// How often handlers have tried it, this time included; from 1.
    ///
    /// Retries carry it in a header.
    package var attempt: Int {
        max(1, message.headers[MessageHeader.attempt]?.integerValue.map { Int($0) } ?? 1)
    }
}

/// What becomes of a delivery, decided by its handler.
///
/// An exclusive queue has neither retries nor parking: there, what would be retried or parked is logged and dropped.
package enum Settlement: Sendable, Hashable {
    /// Its effect is durable: the broker may forget it.
    case acknowledge
    /// It failed now and may succeed later: it comes back after the shortest ``RetryTier`` that covers `after`, with its
    /// attempt counted and `reason` noted; after ``SettlementPolicy/maximumAttempts`` it is parked.
    ///
    /// Where nothing better is known, wait ``RetryTier/delay(afterAttempt:)``.
    case retry(after: Duration, reason: String)
    /// It will never succeed as it is: it goes to the queue's parking with `reason`, for an operator.
    case park(reason: String)
    /// It was not tried (we are shutting down): it goes back to the queue as it was.
    case release
}

/// Which messages a consumer wants.
package struct Subscription: Sendable, Hashable {
    package enum Source: Sendable, Hashable {
        /// A work queue of the topology, shared with other instances of the service.
        case queue(String)
        /// A queue of this instance alone, which lives as long as its connection, fed by these bindings; what is
        /// published while there is no connection is missed.
        case exclusive(name: String, bindings: [Binding])
    }

    /// Messages of `exchange` whose routing key matches `pattern`, in AMQP's topic syntax.
    package struct Binding: Sendable, Hashable {
        package var exchange: String
        package var pattern: String

        package init(exchange: String, pattern: String) {
            self.exchange = exchange
            self.pattern = pattern
        }
    }

    package var source: Source
    /// How many deliveries may be with handlers at once.
    package var prefetch: Int

    package init(_ source: Source, prefetch: Int) {
        self.source = source
        self.prefetch = prefetch
    }
}

/// Hands messages to a handler.
package protocol MessageConsumer: Sendable {
    /// Consumes until the task is cancelled, reconnecting as often as it takes.
    ///
    /// Up to ``Subscription/prefetch`` handlers run at once, each in a task of its own; they start in delivery order. A
    /// delivery is settled as its handler says. If the connection goes while a handler runs, its settlement is void and
    /// the message comes again, possibly while the first handler still works on it.
    ///
    /// On cancellation the broker hands out no more. What it has handed out is still given to handlers, which see the
    /// cancellation; they are awaited, and their settlements reach the broker before this returns.
    ///
    /// - Throws: ``MessagingError`` for what waiting cannot mend: a missing queue, refused permissions, a queue declared
    ///   otherwise.
    func consume(
        _ subscription: Subscription,
        handler: @escaping @Sendable (Delivery) async -> Settlement
    ) async throws(MessagingError)
}
