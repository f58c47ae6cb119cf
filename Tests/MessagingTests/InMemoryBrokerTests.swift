import EventSchema
import Messaging
import MessagingTesting
import Testing

@Suite(.timeLimit(.minutes(1)))
struct InMemoryBrokerTests {
    @Test(arguments: BrokerConformance.Check.allCases)
    func `the broker in memory conforms`(check: BrokerConformance.Check) async throws {
        let conformance = BrokerConformance { names, body in
            let broker = InMemoryBroker(topology: .suite + names)
            let subject = BrokerConformance.Subject(
                broker: broker,
                dropConnections: { broker.dropConnections() },
                passShortestTier: {
                    try await broker.untilDelayed(1)
                    broker.advance(by: .seconds(5))
                }
            )
            try await body(subject)
        }
        try await conformance.verify(check)
    }

    @Test func `a retry waits for its whole tier`() async throws {
        let broker = InMemoryBroker()
        let attempts = Watched<[Int]>([])
        let consumption = Task {
            try await broker.consume(Subscription(.queue(Topology.Queue.mediaProcess), prefetch: 1)) { delivery in
                attempts.update { $0.append(delivery.attempt) }
                return delivery.attempt == 1 ? .retry(after: .seconds(6), reason: "busy") : .acknowledge
            }
        }
        try await broker.publish(Message(body: [1]), to: .queue(Topology.Queue.mediaProcess))
        try await broker.untilDelayed(1)
        broker.advance(by: .seconds(29))
        #expect(attempts.value == [1])
        broker.advance(by: .seconds(1))
        try await attempts.wait { $0 == [1, 2] }
        consumption.cancel()
        try await consumption.value
    }

    @Test func `what cannot be parked goes back to its queue`() async throws {
        let broker = InMemoryBroker()
        try await broker.publish(Message(body: [1]), to: .queue(Topology.Queue.mediaProcess))
        let deliveries = Watched(0)
        let consumption = Task {
            try await broker.consume(Subscription(.queue(Topology.Queue.mediaProcess), prefetch: 1)) { _ in
                deliveries.update { $0 += 1 }
                broker.setOutage(MessagingError(.unavailable, "no connection"))
                return .park(reason: "poison")
            }
        }
        try await deliveries.wait { $0 == 1 }
        // Cancelled, it does not wait before it gives the message back.
        consumption.cancel()
        try await consumption.value
        #expect(broker.messages(in: Topology.Queue.mediaProcess).count == 1)
        #expect(broker.messages(in: Topology.parking(of: Topology.Queue.mediaProcess)).isEmpty)
    }

    @Test func `a message over the bound is parked and no handler sees it`() async throws {
        let broker = InMemoryBroker()
        let queue = Topology.Queue.notifyDispatch
        try await broker.publish(Message(body: Array(repeating: 0, count: (16 << 20) + 1)), to: .queue(queue))
        let consumption = Task {
            try await broker.consume(Subscription(.queue(queue), prefetch: 1)) { _ in
                Issue.record("a handler ran")
                return .acknowledge
            }
        }
        let parked = try await broker.messages(1, in: Topology.parking(of: queue))
        #expect(parked[0].headers[MessageHeader.parkedReason]?.stringValue?.contains("16777216") == true)
        consumption.cancel()
        try await consumption.value
    }

    @Test func `a listener hears what is published`() async throws {
        let broker = InMemoryBroker()
        let heard = try broker.listen(to: "media.*")
        let destination = Destination(exchange: Topology.Exchange.events, routingKey: "media.progress")
        try await broker.publish(Message(body: [7]), to: destination)
        var iterator = heard.makeAsyncIterator()
        #expect(await iterator.next()?.message.body == [7])
    }
}

extension Topology.Declaration {
    static func + (one: Self, other: Self) -> Self {
        Self(
            exchanges: one.exchanges + other.exchanges,
            queues: one.queues + other.queues,
            bindings: one.bindings + other.bindings,
            policies: one.policies + other.policies
        )
    }
}
