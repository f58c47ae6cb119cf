import EventSchema
import Foundation
import Logging
import Messaging
import MessagingTesting
import ServiceBootstrap
import Synchronization
import Testing
import Tracing

/// How a trace goes through the bus: from a message to its handler, to what the handler publishes, and to its second try.
@Suite(.timeLimit(.minutes(1)))
struct TracingTests {
    private final class SpanBox: SpanExporter {
        let spans = Watched<[FinishedSpan]>([])
        func export(_ span: FinishedSpan) { spans.update { $0.append(span) } }
        func flush() {}

        func span(_ name: String) async throws -> FinishedSpan {
            let all = try await spans.wait { $0.contains { $0.facts.name == name } }
            return try #require(all.first { $0.facts.name == name })
        }
    }

    private static let trace = "0af7651916cd43dd8448eb211c80319c"
    private static let parent = "00-\(trace)-b7ad6b7169203331-01"
    private static let state = "rojo=00f067aa0ba902b7"
    private static let queue = Topology.Queue.mediaProcess

    private let broker = InMemoryBroker()
    private let box = SpanBox()

    private var upstream: Message {
        let headers: JSONObject = [
            "traceparent": .string(Self.parent), "tracestate": .string(Self.state), "kept": 1,
        ]
        return Message(body: [1], messageID: "m-1", type: "media.uploaded", headers: headers)
    }

    /// Consumes with `handler` while `body` runs, in `tracer`'s sight.
    private func consuming(
        _ tracer: (any Tracer)?,
        handler: @escaping @Sendable (Delivery) async -> Settlement,
        _ body: () async throws -> Void
    ) async throws {
        let run = { @Sendable [broker] () async throws in
            try await broker.consume(Subscription(.queue(Self.queue), prefetch: 1), handler: handler)
        }
        let consumption = Task {
            guard let tracer else { return try await run() }
            try await withTracer(tracer) { try await run() }
        }
        try await body()
        consumption.cancel()
        try await consumption.value
    }

    private func header(_ name: String, _ message: Message) -> String? { message.headers[name]?.stringValue }

    private func publishEvent() async -> Settlement {
        do throws(MessagingError) {
            let message = Message(
                body: [2],
                messageID: "m-2",
                headers: ["traceparent": "stale", "tracestate": "stale=1"]
            )
            try await broker.publish(message, to: Destination(exchange: "events", routingKey: "media.ready"))
            return .acknowledge
        } catch {
            return .park(reason: error.message)
        }
    }

    // MARK: Onward

    @Test func `what a handler publishes is of the message's trace, under a span of its own`() async throws {
        try await consuming(ServiceTracer(exporter: box)) { _ in
            await publishEvent()
        } _: {
            try await broker.publish(upstream, to: .queue(Self.queue))
            let published = try #require(try await broker.messages(1, in: Topology.Queue.realtimeEvents).first)
            let producer = try await box.span("publish events")
            let consumer = try await box.span("process \(Self.queue)")
            #expect(header("traceparent", published) == producer.context.traceParent.description)
            #expect(header("tracestate", published) == Self.state)
            #expect(producer.context.traceID.description == Self.trace)
            #expect(producer.parent == consumer.context)
            #expect(consumer.parent?.traceParent.description == Self.parent)
            #expect(producer.kind == .producer && consumer.kind == .consumer)
        }
    }

    @Test func `spans say what OpenTelemetry's conventions ask for`() async throws {
        try await consuming(ServiceTracer(exporter: box)) { _ in
            await publishEvent()
        } _: {
            try await broker.publish(upstream, to: .queue(Self.queue))
            let producer = try await box.span("publish events").facts.attributes
            let consumer = try await box.span("process \(Self.queue)").facts.attributes
            func text(_ attributes: SpanAttributes, _ name: String) -> SpanAttribute? {
                attributes[name]?.toSpanAttribute()
            }
            #expect(text(consumer, "messaging.system") == "rabbitmq")
            #expect(text(consumer, "messaging.operation.type") == "process")
            #expect(text(consumer, "messaging.destination.name") == .string(Self.queue))
            #expect(text(consumer, "messaging.rabbitmq.destination.routing_key") == .string(Self.queue))
            #expect(text(consumer, "messaging.message.id") == "m-1")
            #expect(text(consumer, "messaging.attempt") == 1)
            #expect(text(consumer, "messaging.settlement") == "acknowledge")
            #expect(text(producer, "messaging.destination.name") == "events")
            #expect(text(producer, "messaging.rabbitmq.destination.routing_key") == "media.ready")
            #expect(text(producer, "messaging.message.id") == "m-2")
        }
    }

    @Test func `a message without a trace begins one`() async throws {
        let contexts = Watched<[TraceContext]>([])
        try await consuming(ServiceTracer(exporter: box)) { delivery in
            contexts.update { $0.append(TraceContext.current ?? TraceContext(of: delivery.message)) }
            return .acknowledge
        } _: {
            try await broker.publish(Message(body: [1]), to: .queue(Self.queue))
            try await broker.publish(
                Message(body: [1], headers: ["traceparent": "00-nonsense"]),
                to: .queue(Self.queue)
            )
            let made = try await contexts.wait { $0.count == 2 }.compactMap(\.traceParent).compactMap {
                TraceParent($0)
            }
            #expect(made.count == 2 && made[0].traceID != made[1].traceID && made.allSatisfy(\.isSampled))
            #expect(try await box.span("process \(Self.queue)").parent == nil)
        }
    }

    @Test func `best effort goes under the handler's span, and has none of its own`() async throws {
        let heard = try broker.listen(to: "media.progress")
        try await consuming(ServiceTracer(exporter: box)) { [broker] _ in
            let destination = Destination(exchange: "events", routingKey: "media.progress")
            try? await broker.publish(Message(body: [2]), to: destination, guarantee: .bestEffort)
            return .acknowledge
        } _: {
            try await broker.publish(upstream, to: .queue(Self.queue))
            var iterator = heard.makeAsyncIterator()
            let progress = try #require(await iterator.next()).message
            let consumer = try await box.span("process \(Self.queue)")
            #expect(header("traceparent", progress) == consumer.context.traceParent.description)
            #expect(box.spans.value.count == 1)
        }
    }

    @Test func `a publish that fails is an error of its span`() async throws {
        try await consuming(ServiceTracer(exporter: box)) { [broker] _ in
            try? await broker.publish(Message(body: [2]), to: .queue("nowhere"))
            return .acknowledge
        } _: {
            try await broker.publish(upstream, to: .queue(Self.queue))
            let facts = try await box.span("publish nowhere").facts
            #expect(facts.status?.code == .error)
            #expect(facts.attributes["error.type"]?.toSpanAttribute() == "unroutable")
        }
    }

    @Test func `outside of a handler a message goes as it is`() async throws {
        try await withTracer(ServiceTracer(exporter: box)) {
            try await broker.publish(upstream, to: .queue(Self.queue))
        }
        #expect(broker.messages(in: Self.queue) == [upstream])
        #expect(box.spans.value.isEmpty)
    }

    // MARK: Again

    @Test func `a retried message keeps the trace it came with, and its second try is of the same trace`() async throws
    {
        let seen = Watched<[Message]>([])
        try await consuming(ServiceTracer(exporter: box)) { delivery in
            seen.update { $0.append(delivery.message) }
            return delivery.attempt == 1 ? .retry(after: .zero, reason: "busy") : .acknowledge
        } _: {
            try await broker.publish(upstream, to: .queue(Self.queue))
            try await broker.untilDelayed(1)
            broker.advance(by: .seconds(5))
            let second = try await seen.wait { $0.count == 2 }[1]
            #expect(header("traceparent", second) == Self.parent)
            #expect(header("tracestate", second) == Self.state)
            let spans = try await box.spans.wait { $0.count == 2 }
            #expect(spans.allSatisfy { $0.context.traceID.description == Self.trace })
            #expect(spans.map { $0.facts.attributes["messaging.attempt"]?.toSpanAttribute() } == [1, 2])
            #expect(spans[0].facts.status == SpanStatus(code: .error, message: "busy"))
            #expect(spans[1].facts.status == nil)
        }
    }

    @Test(arguments: [true, false])
    func `a parked message keeps the trace it came with`(isTraced: Bool) async throws {
        try await consuming(isTraced ? ServiceTracer(exporter: box) : nil) { _ in
            .park(reason: "poison")
        } _: {
            try await broker.publish(upstream, to: .queue(Self.queue))
            let parked = try #require(try await broker.messages(1, in: Topology.parking(of: Self.queue)).first)
            #expect(header("traceparent", parked) == Self.parent)
            #expect(header("tracestate", parked) == Self.state)
        }
    }

    @Test func `where nothing is traced, the trace travels all the same`() async throws {
        let handedOn = Watched<[TraceContext]>([])
        try await consuming(nil) { delivery in
            handedOn.update { $0.append(TraceContext.current ?? TraceContext(of: delivery.message)) }
            return .acknowledge
        } _: {
            try await broker.publish(upstream, to: .queue(Self.queue))
            let trace = try await handedOn.wait { $0.count == 1 }[0]
            #expect(trace == TraceContext(traceParent: Self.parent, traceState: Self.state))
        }
    }

    // MARK: Log lines

    @Test func `the task of a handler knows its event, by the envelope rather than by the message`() async throws {
        let envelope = Envelope(RealtimeBroadcast(topic: "user:1", event: "e", payload: [:]), source: "test")
        let ids = Watched<[String?]>([])
        var events = EventHandlers()
        events.on(RealtimeBroadcast.self) { _ in
            ids.update { $0.append(CurrentEvent.id) }
            return .acknowledge
        }
        let handlers = events
        try await consuming(ServiceTracer()) { delivery in
            ids.update { $0.append(CurrentEvent.id) }
            return await handlers.handle(delivery)
        } _: {
            var message = Message(envelope)
            message.messageID = "work-item"
            try await broker.publish(message, to: .queue(Self.queue))
            #expect(try await ids.wait { $0.count == 2 } == ["work-item", envelope.eventID.lowercased])
        }
    }

    // MARK: Cost

    /// A bound for debug builds on a busy machine; a release build takes 0.2 to 0.3 us.
    @Test func `where nothing is traced, a delivery costs next to nothing more`() async {
        let delivery = Delivery(message: upstream, source: .queue("q"), queue: "q", redelivered: false)
        let clock = ContinuousClock()
        let rounds = 20_000
        let taken = await clock.measure {
            for _ in 0..<rounds { await withDeliverySpan(delivery) { .acknowledge } }
        }
        #expect(taken / rounds < .microseconds(20))
    }
}
