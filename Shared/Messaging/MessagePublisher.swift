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

/// Publishes messages; safe to call from any thread and task, many at a time.
///
/// Implementations keep at most a window of unconfirmed messages in flight and make further ones wait, up to a bound.
package protocol MessagePublisher: Sendable {
    /// What is called once with a publish's outcome.
    typealias Completion = @Sendable (Result<Void, MessagingError>) -> Void

    /// Hands a message over and calls `completion` once, when `guarantee` is met or cannot be.
    ///
    /// Messages handed over one after the other by one thread arrive in that order. A ``PublishGuarantee/confirmed``
    /// message that fails may still have reached the broker: callers publish it again under the same
    /// ``Message/messageID``.
    ///
    /// - Parameter completion: May be called before this returns, or on the connection's own thread: it must not block.
    ///   Its error is `unroutable` when no queue takes the message, `timeout` when the broker did not confirm in time,
    ///   `unavailable` when there is no connection to publish on, `rejected` when the broker refused it.
    func publish(
        _ message: Message,
        to destination: Destination,
        guarantee: PublishGuarantee,
        completion: @escaping Completion
    )
}

extension MessagePublisher {
    /// Publishes a message and returns when `guarantee` is met, or throws why it cannot be; runs to its end even if the
    /// task is cancelled.
    ///
    /// A caller that awaits each publish is never ahead of the broker by more than the window.
    package func publish(
        _ message: Message,
        to destination: Destination,
        guarantee: PublishGuarantee = .confirmed
    ) async throws(MessagingError) {
        let result = await withCheckedContinuation { continuation in
            publish(message, to: destination, guarantee: guarantee) { continuation.resume(returning: $0) }
        }
        try result.get()
    }
}
