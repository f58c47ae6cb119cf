import EventSchema
import Foundation
import Logging
import Messaging
import MessagingTesting
import Persistence
import ServiceLifecycle
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(2)))
struct InboxTests {
    private let eventID = UUID()

    private func key(_ body: String = "body", consumer: String = "queue") -> InboxKey {
        InboxKey(consumer: consumer, eventID: eventID, body: Array(body.utf8))
    }

    private func publish(_ text: String, _ work: UnitOfWork) throws {
        try work.publish(DurableBench.message(text), to: .queue("q"))
    }

    @Test(arguments: TestDatabase.allCases)
    func `an event that comes again has no second effect`(kind: TestDatabase) async throws {
        let bench = try await DurableBench(try await kind.url())
        try await bench.whilePublishing {
            for _ in 0..<3 {
                #expect(await bench.inbox.settle(key()) { try publish("effect", $0) } == .acknowledge)
            }
            try await bench.add("end")
            try await bench.publisher.published.wait { $0.count >= 2 }
        }
        #expect(bench.publisher.bodies == ["effect", "end"])
    }

    @Test(arguments: TestDatabase.allCases)
    func `an effect knows its event, whichever thread it runs on`(kind: TestDatabase) async throws {
        let bench = try await DurableBench(try await kind.url())
        let seen = Watched<[String?]>([])
        let outcome = try await CurrentEvent.$id.withValue("e-1") {
            try await bench.inbox.perform(key()) { work in
                seen.update { $0.append(CurrentEvent.id) }
                work.afterCommit { seen.update { $0.append(CurrentEvent.id) } }
            }
        }
        #expect(outcome == .done)
        #expect(seen.value == ["e-1", "e-1"])
    }

    @Test(arguments: TestDatabase.allCases)
    func `of many at once one has its effect`(kind: TestDatabase) async throws {
        let bench = try await DurableBench(try await kind.url())
        let outcomes = try await withThrowingTaskGroup(of: Inbox.Outcome.self) { group in
            for _ in 0..<30 { group.addTask { try await bench.inbox.perform(key()) { try publish("effect", $0) } } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes.count { $0 == .done } == 1)
        #expect(outcomes.count { $0 == .repeated } == 29)
        #expect(try await bench.rows(in: "outbox") == 1)
    }

    @Test(arguments: TestDatabase.allCases)
    func `another event under the same id is told apart, and the first wins`(kind: TestDatabase) async throws {
        let bench = try await DurableBench(try await kind.url())
        #expect(try await bench.inbox.perform(key("first")) { try publish("first", $0) } == .done)
        #expect(try await bench.inbox.perform(key("second")) { try publish("second", $0) } == .conflicting)
        #expect(try await bench.rows(in: "outbox") == 1)
    }

    @Test(arguments: TestDatabase.allCases)
    func `each consumer has its own`(kind: TestDatabase) async throws {
        let bench = try await DurableBench(try await kind.url())
        for consumer in ["one", "other"] {
            #expect(try await bench.inbox.perform(key(consumer: consumer)) { try publish(consumer, $0) } == .done)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `an effect that failed may be done when the event comes again`(kind: TestDatabase) async throws {
        struct Broken: Error {}
        let bench = try await DurableBench(try await kind.url())
        let first = await bench.inbox.settle(key()) { work in
            try publish("half", work)
            throw Broken()
        }
        guard case .retry = first else {
            Issue.record("\(first)")
            return
        }
        #expect(await bench.inbox.settle(key()) { try publish("whole", $0) } == .acknowledge)
        #expect(try await bench.rows(in: "outbox") == 1)
    }

    @Test func `what can never be done is parked with the reason`() async throws {
        let bench = try await DurableBench(try await TestDatabase.sqlite.url())
        let settlement = await bench.inbox.settle(key()) { _ in throw Unprocessable("no such user") }
        #expect(settlement == .park(reason: "no such user"))
        #expect(try await bench.rows(in: "inbox") == 0)
    }

    @Test func `a database that takes nothing is waited for, and uses up no attempt`() async throws {
        let bench = try await DurableBench(try await TestDatabase.sqlite.url())
        let flaky = FlakyDatabase(bench.database, failures: 2)
        let inbox = Inbox(database: flaky, outbox: bench.outbox, logger: .init(label: "test"))
        #expect(await inbox.settle(key()) { try publish("late", $0) } == .acknowledge)
        #expect(try await bench.rows(in: "outbox") == 1)
    }

    @Test func `who waits for a database gives the delivery back when we stop`() async throws {
        let bench = try await DurableBench(try await TestDatabase.sqlite.url())
        let flaky = FlakyDatabase(bench.database, failures: .max)
        let inbox = Inbox(database: flaky, outbox: bench.outbox, logger: .init(label: "test"))
        let waiting = Task { await inbox.settle(key()) { _ in } }
        try await flaky.refused.wait { $0 > 0 }
        waiting.cancel()
        #expect(await waiting.value == .release)
    }

    @Test(arguments: TestDatabase.allCases)
    func `what is long done is forgotten, what is not is not`(kind: TestDatabase) async throws {
        let bench = try await DurableBench(try await kind.url())
        _ = try await bench.inbox.perform(key(consumer: "old")) { _ in }
        let retention = Retention(
            database: bench.database,
            rules: MessagingSchema.retention,
            age: .seconds(3600),
            logger: .init(label: "test")
        )
        try await retention.clean(now: Date())
        #expect(try await bench.rows(in: "inbox") == 1)
        try await retention.clean(now: Date(timeIntervalSinceNow: 4000))
        #expect(try await bench.rows(in: "inbox") == 0)
    }
}

/// A database that takes nothing the first few times.
private final class FlakyDatabase: Database {
    let refused = Watched(0)
    private let database: any Database
    private let failures: Int

    init(_ database: any Database, failures: Int) {
        self.database = database
        self.failures = failures
    }

    var dialect: SQLDialect { database.dialect }
    var problem: String? { database.problem }
    var connectionCount: Int { 1 }

    func write<Value: Sendable>(
        _ work: @escaping @Sendable (SQLTransaction) throws -> Value
    ) async throws -> Value {
        guard refused.value >= failures else {
            refused.update { $0 += 1 }
            throw DatabaseError(.locked, "locked")
        }
        return try await database.write(work)
    }

    func read<Value: Sendable>(
        _ work: @escaping @Sendable (SQLTransaction) throws -> Value
    ) async throws -> Value {
        try await database.read(work)
    }

    func run() async throws { try await database.run() }
}
