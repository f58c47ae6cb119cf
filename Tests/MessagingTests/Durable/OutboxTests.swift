import EventSchema
import Foundation
import Messaging
import MessagingTesting
import Persistence
import Testing

@Suite(.timeLimit(.minutes(2)))
struct OutboxTests {
    private struct Refused: Error {}

    @Test(arguments: TestDatabase.allCases)
    func `what is committed is published whole and then deleted`(kind: TestDatabase) async throws {
        let bench = try await DurableBench(try await kind.url())
        try await bench.whilePublishing {
            try await bench.add("first")
            try await bench.publisher.published.wait { $0.count == 1 }
        }
        let sent = try #require(bench.publisher.published.value.first)
        #expect(sent.message == DurableBench.message("first"))
        #expect(sent.destination == .queue("q"))
        #expect(try await bench.rows(in: "outbox") == 0)
    }

    @Test(arguments: TestDatabase.allCases)
    func `what is taken back is never published`(kind: TestDatabase) async throws {
        let bench = try await DurableBench(try await kind.url())
        try await bench.whilePublishing {
            await #expect(throws: Refused.self) {
                try await bench.database.write { transaction in
                    try bench.outbox.add(DurableBench.message("never"), to: .queue("q"), in: transaction)
                    throw Refused()
                }
            }
            try await bench.add("next")
            try await bench.publisher.published.wait { !$0.isEmpty }
        }
        #expect(bench.publisher.bodies == ["next"])
    }

    @Test(arguments: TestDatabase.allCases)
    func `messages go out in the order in which they were added`(kind: TestDatabase) async throws {
        let bench = try await DurableBench(try await kind.url())
        let texts = (0..<50).map { "m\($0)" }
        try await bench.whilePublishing {
            for text in texts { try await bench.add(text) }
            try await bench.publisher.published.wait { $0.count == texts.count }
        }
        #expect(bench.publisher.bodies == texts)
    }

    @Test(arguments: TestDatabase.allCases)
    func `what the broker refused is published again under the same id`(kind: TestDatabase) async throws {
        let bench = try await DurableBench(try await kind.url())
        bench.publisher.fail(MessagingError(.unavailable, "gone"), MessagingError(.timeout, "slow"))
        try await bench.whilePublishing {
            try await bench.add("again")
            try await bench.publisher.published.wait { $0.count == 1 }
        }
        #expect(bench.publisher.published.value.map(\.message.messageID) == ["again"])
        #expect(try await bench.rows(in: "outbox") == 0)
    }

    @Test(arguments: TestDatabase.allCases)
    func `what a dead process left is published by its next start`(kind: TestDatabase) async throws {
        let url = try await kind.url()
        try await DurableBench(url).add("left", "behind")
        let next = try await DurableBench(url)
        try await next.whilePublishing { try await next.publisher.published.wait { $0.count == 2 } }
        #expect(next.publisher.bodies == ["left", "behind"])
        #expect(try await next.rows(in: "outbox") == 0)
    }

    @Test(arguments: TestDatabase.allCases)
    func `what a dead instance left is taken over, what a living one has is not`(kind: TestDatabase) async throws {
        let url = try await kind.url()
        let dead = try await DurableBench(url, instance: "dead")
        try await dead.add("orphan")
        let living = try await DurableBench(url, instance: "living")
        living.publisher.hold()
        let heir = try await DurableBench(url, instance: "heir")
        try await living.whilePublishing {
            // It takes the orphan over and says that it lives.
            try await living.publisher.published.wait { $0.count == 1 }
            try await heir.whilePublishing {
                try await heir.add("own")
                try await heir.publisher.published.wait { $0.contains { $0.message.messageID == "own" } }
            }
            living.publisher.release()
        }
        #expect(living.publisher.bodies == ["orphan"])
        #expect(heir.publisher.bodies == ["own"])
        #expect(try await heir.rows(in: "outbox") == 0)
    }

    @Test(arguments: TestDatabase.allCases)
    func `an instance counts as alive for five seconds from its last word`(kind: TestDatabase) async throws {
        let bench = try await DurableBench(try await kind.url())
        try await bench.whilePublishing {
            // The rows of one that has said nothing are looked for after the first word.
            try await DurableBench(bench.url, instance: "dead").add("orphan")
            try await bench.publisher.published.wait { $0.count == 1 }
            let left = try await bench.database.read { transaction in
                let now = transaction.dialect.milliseconds
                return try transaction.query("SELECT alive_until - \(now) FROM outbox_relays")[0].integer(0)
            }
            #expect((3000...5000).contains(left))
            // It is by the database's clock, which on this machine is ours.
            let clock = try await bench.database.read { transaction in
                try transaction.query("SELECT \(transaction.dialect.milliseconds)")[0].integer(0)
            }
            #expect(abs(clock - Timestamp.now.milliseconds) < 2000)
        }
    }

    @Test func `a full outbox makes its producers wait and then lets them go`() async throws {
        let bench = try await DurableBench(try await TestDatabase.sqlite.url(), capacity: 3)
        bench.publisher.hold()
        try await bench.whilePublishing {
            try await bench.add("1", "2", "3")
            #expect(!bench.outbox.hasRoom)
            let waiting = Task { try await bench.outbox.room() }
            bench.publisher.release()
            try await waiting.value
            #expect(bench.outbox.hasRoom)
        }
    }

    @Test func `who waits for room may be cancelled`() async throws {
        let bench = try await DurableBench(try await TestDatabase.sqlite.url(), capacity: 1)
        bench.publisher.hold()
        try await bench.add("1")
        let waiting = Task { try await bench.outbox.room() }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
    }

    @Test func `more than it holds in memory is published all the same`() async throws {
        let url = try await TestDatabase.sqlite.url()
        let before = try await DurableBench(url, instance: "before")
        try await before.database.write { transaction in
            for number in 0..<1200 {
                try before.outbox.add(DurableBench.message("m\(number)"), to: .queue("q"), in: transaction)
            }
        }
        let bench = try await DurableBench(url, capacity: 100)
        try await bench.whilePublishing { try await bench.publisher.published.wait { $0.count >= 1200 } }
        #expect(Set(bench.publisher.bodies).count == 1200)
        #expect(bench.publisher.bodies.count == 1200)
        #expect(try await bench.rows(in: "outbox") == 0)
    }
}
