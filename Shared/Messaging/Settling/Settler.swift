package import EventSchema
package import Logging
import Metrics

/// Carries settlements out: what retries and parks over a publisher, the same for every broker.
package struct Settler: Sendable {
    private let policy: SettlementPolicy
    private let publisher: any MessagePublisher
    private let logger: Logger
    private let now: @Sendable () -> Timestamp

    package init(
        policy: SettlementPolicy,
        publisher: any MessagePublisher,
        logger: Logger,
        now: @escaping @Sendable () -> Timestamp = { .now }
    ) {
        self.policy = policy
        self.publisher = publisher
        self.logger = logger
        self.now = now
    }

    /// Settles a delivery as its handler said.
    ///
    /// If the copy that a retry or a parking needs cannot be published, the original goes back to its queue.
    package func settle(_ pending: PendingDelivery, as settlement: Settlement) async {
        let delivery = pending.delivery
        switch policy.step(for: settlement, of: delivery, exclusive: pending.isExclusive, now: now()) {
        case .acknowledge: pending.settle(.acknowledged)
        case .requeue: pending.settle(.requeued)
        case .drop(let reason):
            log(.warning, "delivery of an exclusive queue dropped", delivery, reason)
            pending.settle(.acknowledged)
        case .move(let copy, let destination):
            await move(pending, as: copy, to: destination)
        }
    }

    private func move(_ pending: PendingDelivery, as copy: Message, to destination: Destination) async {
        // Without its connection the broker hands the original out again: a copy would only double it.
        guard pending.isCurrent else { return }
        do throws(MessagingError) {
            try await publisher.publish(copy, to: destination, guarantee: .confirmed)
            count(copy, destination, pending.delivery)
            failpoint(.retriedBeforeAck)
            pending.settle(.acknowledged)
        } catch {
            log(.error, "delivery neither retried nor parked, back to its queue", pending.delivery, error.message)
            // Without a pause, a queue that has no parking would spin.
            try? await Task.sleep(for: .seconds(1))
            pending.settle(.requeued)
        }
    }

    private func count(_ copy: Message, _ destination: Destination, _ delivery: Delivery) {
        if destination.exchange == Topology.Exchange.parking {
            Counter(label: "messaging_parked_total", dimensions: [("queue", delivery.queue)]).increment()
            log(.error, "delivery parked", delivery, copy.headers[MessageHeader.parkedReason]?.stringValue ?? "")
        } else {
            let dimensions = [("queue", delivery.queue), ("tier", destination.exchange)]
            Counter(label: "messaging_retried_total", dimensions: dimensions).increment()
            log(.warning, "delivery retried later", delivery, copy.headers[MessageHeader.lastError]?.stringValue ?? "")
        }
    }

    private func log(_ level: Logger.Level, _ message: Logger.Message, _ delivery: Delivery, _ reason: String) {
        logger.log(
            level: level,
            message,
            metadata: [
                "messaging.queue": "\(delivery.queue)",
                "messaging.message_id": "\(delivery.message.messageID ?? "-")",
                "messaging.attempt": "\(delivery.attempt)",
                "reason": "\(reason)",
            ]
        )
    }
}
