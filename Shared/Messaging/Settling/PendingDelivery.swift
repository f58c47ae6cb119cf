/// A delivery that waits for its handler, with the way back to the queue it came from.
package final class PendingDelivery: Sendable {
    /// What the broker is told.
    package enum Outcome: Sendable, Hashable {
        case acknowledged
        case requeued
    }

    package let delivery: Delivery
    /// Whether it came from a queue of this instance alone, which has neither retries nor parking.
    package let isExclusive: Bool
    private let current: @Sendable () -> Bool
    private let finish: @Sendable (Outcome) -> Void

    package init(
        delivery: Delivery,
        isExclusive: Bool,
        isCurrent: @escaping @Sendable () -> Bool,
        finish: @escaping @Sendable (Outcome) -> Void
    ) {
        self.delivery = delivery
        self.isExclusive = isExclusive
        current = isCurrent
        self.finish = finish
    }

    /// Whether the connection it came over still stands; if not, the broker hands it out again anyway.
    package var isCurrent: Bool { current() }

    /// Tells the broker; void if the connection is gone.
    package func settle(_ outcome: Outcome) { finish(outcome) }
}
