import EventSchema
import Messaging
import Synchronization

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
    }

    private let state = Mutex(State())
    private let deliveries: AsyncStream<Delivery>
    private let feed: AsyncStream<Delivery>.Continuation
    /// In the order in which handlers ended.
    let settlements: AsyncStream<Settlement>
    private let settled: AsyncStream<Settlement>.Continuation

    init() {
        (deliveries, feed) = AsyncStream.makeStream()
        (settlements, settled) = AsyncStream.makeStream()
    }

    var published: [Published] { state.withLock(\.published) }

    /// The next publishes fail with these, one each.
    func failNext(_ failures: [MessagingError]) { state.withLock { $0.failures = failures } }

    func deliver(_ body: [UInt8], queue: String, attempt: Int = 1, headers: JSONObject = [:]) {
        var headers = headers
        if attempt > 1 { headers[MessageHeader.attempt] = .integer(Int64(attempt)) }
        feed.yield(
            Delivery(
                message: Message(body: body, headers: headers),
                source: .queue(queue),
                queue: queue,
                redelivered: false
            )
        )
    }

    func publish(
        _ message: Message,
        to destination: Destination,
        guarantee: PublishGuarantee,
        completion: Completion
    ) {
        let failure = state.withLock { state -> MessagingError? in
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
        await withDiscardingTaskGroup { group in
            for await delivery in deliveries {
                group.addTask { self.settled.yield(await handler(delivery)) }
            }
        }
    }
}
