import EventSchema
import Messaging
import MessagingTesting

/// Hands out prepared deliveries and remembers what was published and how each was settled.
final class ScriptedBroker: MessagePublisher, MessageConsumer {
    struct Published: Sendable, Hashable {
        let message: Message
        let destination: Destination

        var envelope: Envelope? { try? Envelope(parsing: message.body) }
    }

    private struct State {
        var published: [Published] = []
        var failures: [MessagingError] = []
        /// Deliveries that nobody consumes yet.
        var waiting: [Delivery] = []
        var feed: AsyncStream<Delivery>.Continuation?
        var started = 0
        /// In the order in which handlers ended.
        var settlements: [Settlement] = []
    }

    private let state = Watched(State())

    var published: [Published] { state.value.published }

    /// Waits until so many messages were published.
    @discardableResult
    func published(_ count: Int) async throws -> [Published] {
        try await state.wait { $0.published.count >= count }.published
    }

    /// Waits until so many handlers were called.
    func started(_ count: Int) async throws { try await state.wait { $0.started >= count } }

    /// Waits until so many handlers ended.
    @discardableResult
    func settled(_ count: Int) async throws -> [Settlement] {
        try await state.wait { $0.settlements.count >= count }.settlements
    }

    /// The next publishes fail with these, one each.
    func failNext(_ failures: [MessagingError]) { state.update { $0.failures = failures } }

    func deliver(_ body: [UInt8], queue: String, attempt: Int = 1, headers: JSONObject = [:]) {
        var headers = headers
        if attempt > 1 { headers[MessageHeader.attempt] = .integer(Int64(attempt)) }
        deliver(Message(body: body, messageID: "message", headers: headers), queue: queue)
    }

    func deliver(_ message: Message, queue: String) {
        let delivery = Delivery(message: message, source: .queue(queue), queue: queue, redelivered: false)
        state.update { state in
            if let feed = state.feed { feed.yield(delivery) } else { state.waiting.append(delivery) }
        }
    }

    func publish(
        _ message: Message,
        to destination: Destination,
        guarantee: PublishGuarantee,
        completion: Completion
    ) {
        let failure = state.update { state -> MessagingError? in
            if !state.failures.isEmpty { return state.failures.removeFirst() }
            state.published.append(Published(message: message, destination: destination))
            return nil
        }
        completion(failure.map { .failure($0) } ?? .success(()))
    }

    func consume(
        _: Subscription,
        handler: @escaping @Sendable (Delivery) async -> Settlement
    ) async throws(MessagingError) {
        let deliveries = open()
        await withDiscardingTaskGroup { group in
            for await delivery in deliveries {
                group.addTask {
                    self.state.update { $0.started += 1 }
                    let settlement = await handler(delivery)
                    self.state.update { $0.settlements.append(settlement) }
                }
            }
        }
    }

    private func open() -> AsyncStream<Delivery> {
        let (deliveries, feed) = AsyncStream.makeStream(of: Delivery.self)
        state.update { state in
            for delivery in state.waiting { feed.yield(delivery) }
            state.waiting = []
            state.feed = feed
        }
        return deliveries
    }
}
