/// Runs a handler for each delivery of a stream, a bounded number at once, and settles what they return.
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

    /// Runs until the stream ends or the task is cancelled, then waits for the handlers that still run.
    ///
    /// Handlers start in the order of the stream.
    package func run(
        _ deliveries: AsyncStream<PendingDelivery>,
        handler: @escaping @Sendable (Delivery) async -> Settlement
    ) async {
        await withTaskGroup(of: Void.self) { group in
            var running = 0
            for await pending in deliveries {
                if running == limit {
                    await group.next()
                    running -= 1
                }
                // Its connection is gone: the broker hands it out again.
                guard pending.isCurrent else { continue }
                running += 1
                // Immediate, so that handlers start in order.
                group.addImmediateTask { await process(pending, handler: handler) }
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
