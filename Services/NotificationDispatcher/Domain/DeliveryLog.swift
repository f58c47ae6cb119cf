package import Foundation

/// Remembers what became of deliveries, so that a message that comes twice is not delivered twice.
///
/// A broker hands out a message again when the connection went before its acknowledgement arrived, even while the first
/// handler still works on it. The log lives as long as the process; after a crash the receiver recognises the id.
package struct DeliveryLog: Sendable {
    /// A notification on its way over a channel.
    package struct Key: Sendable, Hashable {
        package let notification: UUID
        package let channel: Channel

        package init(notification: UUID, channel: Channel) {
            self.notification = notification
            self.channel = channel
        }
    }

    package enum Decision: Sendable, Hashable {
        /// Deliver it, then tell ``DeliveryLog/finish(_:outcome:)`` or ``DeliveryLog/postpone(_:)``.
        case deliver
        /// Another handler is at it.
        case inProgress
        /// It has been done; what came of it may not have been told.
        case done(RetrySchedule.Outcome)
    }

    private var running: Set<Key> = []
    private var outcomes: [Key: RetrySchedule.Outcome] = [:]
    private var order: [Key] = []
    private let capacity: Int

    /// - Parameter capacity: How many outcomes are remembered; the oldest half goes first.
    package init(capacity: Int = 20_000) {
        self.capacity = max(2, capacity)
    }

    package mutating func begin(_ key: Key) -> Decision {
        if let outcome = outcomes[key] { return .done(outcome) }
        return running.insert(key).inserted ? .deliver : .inProgress
    }

    package mutating func finish(_ key: Key, outcome: RetrySchedule.Outcome) {
        running.remove(key)
        if outcomes.updateValue(outcome, forKey: key) == nil { order.append(key) }
        guard order.count > capacity else { return }
        for forgotten in order.prefix(capacity / 2) { outcomes[forgotten] = nil }
        order.removeFirst(capacity / 2)
    }

    /// It comes again later.
    package mutating func postpone(_ key: Key) {
        running.remove(key)
    }
}
