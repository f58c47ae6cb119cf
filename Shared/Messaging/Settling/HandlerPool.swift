/// Runs a handler for each delivery of a queue, a bounded number at once, and settles what they return.
package struct HandlerPool: Sendable {
    private let limit: Int
    private let maximumBodySize: Int
    private let settler: Settler

    /// - Parameter maximumBodySize: Bytes; a longer message is parked and no handler sees it.
    package init(limit: Int, maximumBodySize: Int = 16 << 20, settler: Settler) {
        self.limit = max(1, limit)
        self.maximumBodySize = maximumBodySize
        self.settler = settler
    }

    /// Runs until the queue ends, whether or not the task is cancelled, then waits for the handlers that still run.
    ///
    /// Handlers start in the order of the queue.
    package func run(
        _ deliveries: DeliveryQueue,
        handler: @escaping @Sendable (Delivery) async -> Settlement
    ) async {
        let slots = HandlerSlots(limit)
        await withDiscardingTaskGroup { group in
            while let batch = await deliveries.next() {
                for pending in batch {
                    await slots.take()
                    // Immediate, so that handlers start in order.
                    group.addImmediateTask {
                        // If its connection is gone, the broker hands it out again.
                        if pending.isCurrent { await process(pending, handler: handler) }
                        slots.give()
                    }
                }
            }
        }
    }

    private func process(
        _ pending: PendingDelivery,
        handler: @Sendable (Delivery) async -> Settlement
    ) async {
        await withDeliverySpan(pending.delivery) {
            let settlement = await settlement(of: pending.delivery, handler)
            await settler.settle(pending, as: settlement)
            return settlement
        }
    }

    private func settlement(
        of delivery: Delivery,
        _ handler: @Sendable (Delivery) async -> Settlement
    ) async -> Settlement {
        let size = delivery.message.body.count
        guard size <= maximumBodySize else {
            return .park(reason: "\(size) bytes, at most \(maximumBodySize) are read")
        }
        return await handler(delivery)
    }
}
