import EventSchema
import Foundation
import Logging
import Messaging
import MessagingTesting
import Persistence
import PersistenceTesting
import RealtimeDomain
import Testing

@testable import RealtimeBus

/// On both databases: the answer to a repeated request is what their SQL has to agree on.
@Suite(.timeLimit(.minutes(2))) struct OutboxIngestTests {
    enum Engine: CaseIterable, Sendable {
        case sqlite, postgres
    }

    /// An ingest whose events reach a broker in memory once ``Bench/run(_:)`` runs.
    private struct Bench {
        let broker = InMemoryBroker()
        let database: any Database
        let outbox: Outbox
        var ingest: OutboxIngest { OutboxIngest(database: database, outbox: outbox) }

        init(_ engine: Engine, capacity: Int = 100) async throws {
            let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
            database = try await DatabaseURL(try await Self.url(engine)).open(logger: logger)
            try await database.migrate([MessagingSchema.component])
            outbox = Outbox(
                database: database,
                publisher: broker,
                service: "gateway",
                instance: "gateway-1",
                capacity: capacity,
                logger: logger
            )
        }

        private static func url(_ engine: Engine) async throws -> String {
            switch engine {
            case .sqlite: return "sqlite://\(TestFiles.newPath())"
            case .postgres: return try await PrivatePostgres.shared().makeDatabase()
            }
        }

        /// What is published by the time `count` messages are.
        func published(_ count: Int) async throws -> [Delivery] {
            let stream = try broker.listen()
            let running = Task { [outbox] in try await outbox.run() }
            defer { running.cancel() }
            var seen: [Delivery] = []
            for await delivery in stream {
                seen.append(delivery)
                if seen.count == count { break }
            }
            running.cancel()
            try await running.value
            return seen
        }
    }

    private func event(_ text: String = "a", id: UUID = UUID()) -> Envelope {
        let payload = RealtimeBroadcast(topic: "t", event: text, payload: [:])
        return Envelope(payload, eventID: id, timestamp: Timestamp(milliseconds: 0), source: "backend")
    }

    private func send(
        _ envelope: Envelope,
        key: String? = nil,
        trace: TraceHeaders = TraceHeaders(),
        to bench: Bench
    ) async throws(IngestError) -> IngestReceipt {
        try await bench.ingest.accept(envelope, key: key, request: envelope.encoded, trace: trace)
    }

    @Test(arguments: Engine.allCases)
    func `an event is published under its own id and in its trace`(_ engine: Engine) async throws {
        let bench = try await Bench(engine)
        let event = event()
        let trace = TraceHeaders(traceParent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
        let receipt = try await send(event, trace: trace, to: bench)
        #expect(receipt == IngestReceipt(eventID: event.eventID.lowercased, isRepeated: false))
        let delivery = try #require(try await bench.published(1).first)
        #expect(delivery.message.messageID == event.eventID.lowercased)
        #expect(delivery.message.body == event.encoded)
        #expect(TraceContext(of: delivery.message).traceParent == trace.traceParent)
        #expect(delivery.source.routingKey == "realtime.broadcast")
    }

    @Test(arguments: Engine.allCases)
    func `a request that comes again is answered as before and published once`(_ engine: Engine) async throws {
        let bench = try await Bench(engine)
        let (first, last) = (event("a"), event("z"))
        let receipts = [
            try await send(first, key: "k", to: bench), try await send(first, key: "k", to: bench),
            try await send(last, to: bench), try await send(last, to: bench),
        ]
        #expect(receipts.map(\.isRepeated) == [false, true, false, true])
        #expect(receipts[0].eventID == receipts[1].eventID)
        let bodies = try await bench.published(2).map(\.message.body)
        #expect(bodies == [first.encoded, last.encoded])
        #expect(bench.outbox.hasRoom)
    }

    @Test(arguments: Engine.allCases)
    func `another event under the same key is refused and the first one stays`(_ engine: Engine) async throws {
        let bench = try await Bench(engine)
        let first = event("a")
        _ = try await send(first, key: "k", to: bench)
        await #expect(throws: IngestError.keyReused) { try await send(event("b"), key: "k", to: bench) }
        await #expect(throws: IngestError.keyReused) {
            _ = try await send(event("c", id: first.eventID), to: bench)
            _ = try await send(event("d", id: first.eventID), to: bench)
        }
        #expect(try await bench.published(2).map(\.message.type) == ["realtime.broadcast", "realtime.broadcast"])
    }

    @Test func `of many requests under one key at once one is published`() async throws {
        let bench = try await Bench(.postgres)
        let event = event()
        let receipts = await withTaskGroup(of: IngestReceipt?.self) { group in
            for _ in 0..<20 { group.addTask { try? await send(event, key: "k", to: bench) } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(receipts.count { $0?.isRepeated == false } == 1)
        #expect(receipts.count { $0?.isRepeated == true } == 19)
    }

    @Test func `while the broker takes nothing and the outbox is full, senders are told to wait`() async throws {
        let bench = try await Bench(.sqlite, capacity: 2)
        for text in ["a", "b"] { _ = try await send(event(text), to: bench) }
        let refusal = await #expect(throws: IngestError.self) { try await send(event("c"), to: bench) }
        guard case .busy = refusal else { return #expect(Bool(false), "busy, not \(String(describing: refusal))") }
        #expect(try await bench.published(2).count == 2)
    }
}
