/// Where a message is sent.
package struct Destination: Sendable, Hashable {
    package var exchange: String
    package var routingKey: String

    package init(exchange: String, routingKey: String) {
        self.exchange = exchange
        self.routingKey = routingKey
    }

    /// A queue by its name, over AMQP's default exchange.
    package static func queue(_ name: String) -> Destination {
        Destination(exchange: "", routingKey: name)
    }
}

/// What a publish needs to have achieved before it returns.
package enum PublishGuarantee: Sendable, Hashable {
    /// Persistent, mandatory and confirmed: the broker has it on disk in at least one queue.
    case confirmed
    /// Handed to the connection if there is one and it is not blocked, otherwise dropped; for what the next message makes
    /// good, such as progress.
    case bestEffort
}

/// Publishes messages; safe to call from any task, many at a time.
///
/// Implementations keep at most a window of unconfirmed messages in flight and make further callers wait, so a caller
/// that awaits each publish is never ahead of the broker by more than the window.
package protocol MessagePublisher: Sendable {
    /// Publishes a message and returns when `guarantee` is met.
    ///
    /// Messages published one after the other by one task arrive in that order. A ``PublishGuarantee/confirmed`` message
    /// that throws may still have reached the broker: callers publish it again under the same ``Message/messageID``.
    ///
    /// - Throws: ``MessagingError``; `unroutable` when no queue takes it, `timeout` when the broker did not confirm in
    ///   time, `unavailable` when there is no connection to publish on, `rejected` when the broker refused it.
    func publish(
        _ message: Message,
        to destination: Destination,
        guarantee: PublishGuarantee
    ) async throws(MessagingError)
}

extension MessagePublisher {
    /// Publishes a message and returns when the broker has confirmed it.
    package func publish(_ message: Message, to destination: Destination) async throws(MessagingError) {
        try await publish(message, to: destination, guarantee: .confirmed)
    }
}

extension MessagePublisher {
    /// Publishes a message and calls `completion` when `guarantee` is met, or why it is not.
    package func publish(
        _ message: Message,
        to destination: Destination,
        guarantee: PublishGuarantee,
        completion: @escaping @Sendable (Result<Void, MessagingError>) -> Void
    ) {
        Task {
            do throws(MessagingError) {
                try await publish(message, to: destination, guarantee: guarantee)
                completion(.success(()))
            } catch {
                completion(.failure(error))
            }
        }
    }
}
