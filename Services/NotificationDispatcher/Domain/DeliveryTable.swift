package import EventSchema
package import Foundation

/// A notification on its way over a channel.
package struct DeliveryKey: Sendable, Hashable {
    package let notification: UUID
    package let channel: Channel

    package init(notification: UUID, channel: Channel) {
        self.notification = notification
        self.channel = channel
    }
}

/// Remembers what became of deliveries, so that a message that comes twice is not delivered twice.
///
/// All calls are made within a transaction of the store's; what they do holds once that is committed.
package protocol DeliveryTable<Transaction>: Sendable {
    associatedtype Transaction

    /// Notes that attempt number `attempt` begins, if it is due.
    func begin(_ key: DeliveryKey, attempt: Int, now: Timestamp, in transaction: Transaction) throws -> DeliveryDecision

    /// Notes that the attempt failed and another follows.
    func postpone(_ key: DeliveryKey, attempt: Int, now: Timestamp, in transaction: Transaction) throws

    /// Notes the end; false if it was noted before.
    func finish(_ key: DeliveryKey, now: Timestamp, in transaction: Transaction) throws -> Bool
}

/// What is to be done about an attempt.
package enum DeliveryDecision: Sendable, Hashable {
    case deliver
    /// This very attempt was begun before and nobody knows how it ended: the process died or lost its connection while the
    /// provider worked on it.
    ///
    /// Delivered again, the receiver may see it twice; it recognises it by the notification's id.
    case deliverAmbiguous
    /// It has been done, or a later attempt is on its way.
    case skip
}
