import EventSchema
import Foundation
import RealtimeDomain
import Synchronization
import Testing

@testable import RealtimeStore

/// What conversations promise, on both databases.
@Suite(.timeLimit(.minutes(2))) struct ConversationTests {
    @Test(arguments: Engine.allCases)
    func `messages are numbered from 1, told once each in that order, and found again as they were`(
        _ engine: Engine
    ) async throws {
        try await ConversationBench.run(engine) { bench in
            let attachment =
                #","attachments":[{"id":"a","filename":"i.jpg","content_type":"image/jpeg","url":"https://x/i.jpg"}]"#
            let first = try await bench.say("Hello @bob, \u{1F44B} \"there\"", attachment)
            #expect(first.seq == 1)
            #expect(first.mentions == ["bob"])
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 2...100 { group.addTask { try await bench.say("message \(number)", by: "bob") } }
                try await group.waitForAll()
            }
            #expect(bench.listener.seqs == Array(1...100))
            let page = try await bench.conversations.page(of: bench.key)
            #expect(page.map(\.seq) == Array(51...100))
            let before = try await bench.conversations.page(of: bench.key, before: page[0].id)
            #expect(before.map(\.seq) == Array(1...50))
            #expect(before.first == first)
        }
    }

    @Test(arguments: Engine.allCases)
    func `who comes back gets what it has missed, in order, or learns that it is too much`(
        _ engine: Engine
    ) async throws {
        try await ConversationBench.run(engine, rules: ConversationRules(recoveryLimit: 5)) { bench in
            let nobody = try await bench.arrive()
            #expect((nobody.recovered, nobody.seq) == (false, 0))
            #expect(try await bench.arrive(since: .seq(0)).recovered)
            var messages: [StoredMessage] = []
            for number in 1...6 { messages.append(try await bench.say("\(number)")) }
            let back = try await bench.arrive(since: .seq(3))
            #expect((back.recovered, back.seq) == (true, 6))
            #expect(back.missed == Array(messages[3...]))
            #expect(try await bench.arrive(since: .message(messages[4].id)).missed == [messages[5]])
            #expect(try await bench.arrive(since: .seq(1)).missed.count == 5)
            for resume in [ResumePoint.seq(0), .seq(7), .message(UUID())] {
                let lost = try await bench.arrive(since: resume)
                #expect((lost.recovered, lost.seq, lost.missed) == (false, 6, []))
            }
            // What is known without the store agrees with it.
            #expect(bench.conversations.arrival(at: bench.key, since: nil)?.seq == 6)
            #expect(bench.conversations.arrival(at: bench.key, since: .seq(6))?.recovered == true)
            #expect(bench.conversations.arrival(at: bench.key, since: .seq(5)) == nil)
        }
    }

    @Test(arguments: Engine.allCases)
    func `ids order as messages are told, and those behind one are found by it`(_ engine: Engine) async throws {
        try await ConversationBench.run(engine) { bench in
            let elsewhere = bench.at(.channel, "other")
            var messages: [StoredMessage] = []
            for number in 1...40 {
                messages.append(try await bench.say("\(number)", after: .seconds(number % 7)))
                try await elsewhere.say("\(number)")
            }
            let orders = messages.map(\.id.timeOrder)
            #expect(zip(orders, orders.dropFirst()).allSatisfy(<))
            _ = try await bench.perform(.delete(message: messages[37].id))
            func newer(than order: UInt64, limit: Int = 100) async throws -> [Int64] {
                try await bench.store.read { [key = bench.key] transaction in
                    try transaction.messages(of: key, newerThan: order, limit: limit).map(\.seq)
                }
            }
            for index in [0, 1, 19, 36] {
                let behind = Array(Int64(index + 2)...40).filter { $0 != 38 }
                #expect(try await newer(than: orders[index]) == behind)
            }
            #expect(try await newer(than: 0) == Array(1...40).filter { $0 != 38 })
            #expect(try await newer(than: 0, limit: 3) == [1, 2, 3])
            for order in [orders[39], .max] { #expect(try await newer(than: order) == []) }
        }
    }

    @Test(arguments: Engine.allCases)
    func `messages behind an id are found where others were deleted`(_ engine: Engine) async throws {
        try await ConversationBench.run(engine) { bench in
            for number in 1...20 { try await bench.say("\(number)") }
            let left = try await bench.store.write { [key = bench.key] transaction in
                try transaction.delete(key)
                return try transaction.messages(of: key, newerThan: 0, limit: 10)
            }
            #expect(left == [])
            let message = try await bench.say("new")
            let found = try await bench.store.read { [key = bench.key] transaction in
                try transaction.messages(of: key, newerThan: message.id.timeOrder - 1, limit: 10)
            }
            #expect(found.map(\.seq) == [21])
        }
    }

    @Test(arguments: Engine.allCases)
    func `authors may edit for a while, and nobody else`(_ engine: Engine) async throws {
        try await ConversationBench.run(engine, rules: ConversationRules(editWindow: .seconds(60))) { bench in
            let message = try await bench.say("tpyo")
            let better = try bench.draft("typo").content
            await #expect(throws: Refusal(.forbidden, "Only its author may edit a message")) {
                try await bench.perform(.edit(message: message.id, content: better), by: "bob")
            }
            await #expect(throws: Refusal(.tooLate, "Edit time limit exceeded")) {
                try await bench.perform(.edit(message: message.id, content: better), after: .seconds(61))
            }
            await #expect(throws: Refusal(.notFound, "Message not found")) {
                try await bench.perform(.edit(message: UUID(), content: better))
            }
            _ = try await bench.perform(.edit(message: message.id, content: better), after: .seconds(60))
            let stored = try await bench.conversations.page(of: bench.key)[0]
            #expect(stored.content.text == "typo")
            #expect(stored.editedAt?.description == "2024-01-01T12:01:00Z")
        }
    }

    @Test(arguments: Engine.allCases)
    func `a deleted message is seen by nobody, and its number is not given again`(_ engine: Engine) async throws {
        try await ConversationBench.run(engine) { bench in
            let message = try await bench.say("secret")
            await #expect(throws: Refusal.self) { try await bench.perform(.delete(message: message.id), by: "bob") }
            _ = try await bench.perform(.delete(message: message.id), by: "carol", roles: ["moderator"])
            await #expect(throws: Refusal.self) { try await bench.perform(.delete(message: message.id)) }
            #expect(try await bench.say("next").seq == 2)
            #expect(try await bench.conversations.page(of: bench.key).map(\.seq) == [2])
            #expect(try await bench.arrive(since: .message(message.id)).missed.map(\.seq) == [2])
        }
    }

    @Test(arguments: Engine.allCases)
    func `a reaction is made once by each, and taken back by who made it`(_ engine: Engine) async throws {
        try await ConversationBench.run(engine) { bench in
            let message = try await bench.say("cake")
            let react = ConversationCommand.react(message: message.id, emoji: ":thumbsup:")
            guard case .reacted(let reaction) = try await bench.perform(react, by: "bob"),
                case .reactedBefore(let again) = try await bench.perform(react, by: "bob")
            else { throw Refusal(.notFound, "no reaction") }
            #expect(again == reaction)
            _ = try await bench.perform(react, after: .seconds(1))
            let seen = try await bench.conversations.page(of: bench.key)[0].reactions
            #expect(seen.map(\.user.name) == ["Bob", "Alice"])
            await #expect(throws: Refusal.self) { try await bench.perform(.withdraw(reaction: reaction.id)) }
            _ = try await bench.perform(.withdraw(reaction: reaction.id), by: "bob")
            #expect(try await bench.conversations.page(of: bench.key)[0].reactions.map(\.user.userID) == ["alice"])
        }
    }

    @Test(arguments: Engine.allCases)
    func `nobody reacts without end`(_ engine: Engine) async throws {
        try await ConversationBench.run(engine) { bench in
            let message = try await bench.say("cake")
            for number in 0..<20 { _ = try await bench.perform(.react(message: message.id, emoji: "e\(number)")) }
            await #expect(throws: Refusal(.forbidden, "There are too many reactions to this message")) {
                try await bench.perform(.react(message: message.id, emoji: "e20"))
            }
            _ = try await bench.perform(.react(message: message.id, emoji: "e20"), by: "bob")
        }
    }

    @Test(arguments: Engine.allCases)
    func `what is sent at once is bounded in bytes`(_ engine: Engine) async throws {
        let rules = ConversationRules(recoveryBytes: 10_000)
        try await ConversationBench.run(engine, rules: rules) { bench in
            for _ in 0..<3 { try await bench.say(String(repeating: "x", count: 4000)) }
            #expect(try await bench.arrive(since: .seq(1)).missed.count == 2)
            #expect(try await !bench.arrive(since: .seq(0)).recovered)
            #expect(try await bench.conversations.page(of: bench.key).map(\.seq) == [2, 3])
            #expect(try await bench.conversations.page(of: bench.key, through: 2).map(\.seq) == [1, 2])
        }
    }

    @Test(arguments: Engine.allCases)
    func `a request that the store cannot take does not fail others`(_ engine: Engine) async throws {
        let wrap = { (store: any ConversationStore) in Choosy(store: store) }
        try await ConversationBench.run(engine, through: wrap) { bench in
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<20 {
                    group.addTask {
                        let text = number % 5 == 0 ? "bad" : "good"
                        return (try? await bench.say(text)) != nil
                    }
                }
                var stored = 0
                for try await isStored in group where isStored { stored += 1 }
                #expect(stored == 16)
            }
            #expect(bench.listener.seqs == Array(1...16))
        }
    }

    /// Takes no lot in which somebody says "bad".
    private struct Choosy: ConversationStore {
        struct Mismatch: Error {}

        let store: any ConversationStore

        func write<Value: Sendable>(
            _ work: @escaping @Sendable (any ConversationTransaction) throws -> Value
        ) async throws -> Value {
            try await store.write { transaction in
                let value = try work(transaction)
                let key = ConversationKey(.channel, "general")
                let said = try transaction.messages(of: key, after: 0, limit: 1000).map(\.content.text)
                if said.contains("bad") { throw Mismatch() }
                return value
            }
        }

        func read<Value: Sendable>(
            _ work: @escaping @Sendable (any ConversationTransaction) throws -> Value
        ) async throws -> Value { try await store.read(work) }
    }

    @Test(arguments: Engine.allCases)
    func `replies gather in a thread and stay out of the page`(_ engine: Engine) async throws {
        try await ConversationBench.run(engine) { bench in
            let parent = try await bench.say("question")
            guard case .threadStarted(let empty) = try await bench.perform(.startThread(message: parent.id)) else {
                throw Refusal(.notFound, "no thread")
            }
            #expect(empty == MessageThread(id: parent.id))
            let thread = #","thread_id":"\#(parent.id.uuidString)""#
            let reply = try await bench.say("answer", by: "bob", thread)
            #expect((reply.seq, reply.threadID) == (2, parent.id))
            let nested = #","thread_id":"\#(reply.id.uuidString)""#
            await #expect(throws: Refusal.self) { try await bench.say("deeper", nested) }
            await #expect(throws: Refusal.self) { try await bench.say("lost", #","thread_id":"\#(UUID())""#) }
            let page = try await bench.conversations.page(of: bench.key)
            #expect(page.map(\.id) == [parent.id])
            #expect(page[0].thread == MessageThread(id: parent.id, messageCount: 1, participants: ["bob"]))
            #expect(try await bench.arrive(since: .seq(1)).missed.map(\.id) == [reply.id])
        }
    }

    @Test(arguments: Engine.allCases)
    func `a receipt goes forward and never back`(_ engine: Engine) async throws {
        try await ConversationBench.run(engine) { bench in
            let (first, second) = (try await bench.say("1"), try await bench.say("2"))
            _ = try await bench.perform(.markRead(message: second.id), by: "bob")
            guard case .readBefore = try await bench.perform(.markRead(message: first.id), by: "bob") else {
                throw Refusal(.notFound, "told")
            }
            #expect(try await bench.conversations.readReceipt(of: "bob", in: bench.key)?.seq == 2)
            #expect(try await bench.conversations.readReceipt(of: "carol", in: bench.key) == nil)
        }
    }

    @Test(arguments: Engine.allCases)
    func `people are shown under the name of their newest token`(_ engine: Engine) async throws {
        try await ConversationBench.run(engine) { bench in
            try await bench.say("hello")
            let renamed = Identity(userID: "alice", name: "Alice Cooper", avatarURL: "https://x/a.jpg")
            let payload = Array(#"{"content":"again"}"#.utf8)
            let draft = try MessageDraft(payload.span, in: bench.key, author: renamed, at: ConversationBench.noon)
            let request = ConversationRequest(.send(draft), in: bench.key, by: renamed, at: ConversationBench.noon)
            await withCheckedContinuation { done in bench.conversations.perform(request) { _ in done.resume() } }
            let authors = try await bench.conversations.page(of: bench.key).map(\.author)
            #expect(authors == Array(repeating: renamed.profile, count: 2))
        }
    }

    @Test func `what cannot be written is refused, and told to nobody`() async throws {
        try await ConversationBench.run(.sqlite) { bench in
            bench.conversations.finish()
            await #expect(throws: Refusal.busy) { try await bench.say("too late") }
            #expect(bench.listener.heard.isEmpty)
        }
    }

    /// Loses the connection at the first commit, before or behind it.
    private struct Unreliable: ConversationStore {
        let store: any ConversationStore
        let isWritten: Bool
        let attempts = Counter()

        func write<Value: Sendable>(
            _ work: @escaping @Sendable (any ConversationTransaction) throws -> Value
        ) async throws -> Value {
            let isFirst = attempts.next() == 1
            guard isFirst else { return try await store.write(work) }
            if isWritten { _ = try await store.write(work) }
            throw UnknownOutcome()
        }

        func read<Value: Sendable>(
            _ work: @escaping @Sendable (any ConversationTransaction) throws -> Value
        ) async throws -> Value { try await store.read(work) }
    }

    @Test(arguments: [true, false])
    func `a message that may be stored is looked for, and told if it is`(_ isWritten: Bool) async throws {
        let wrap = { (store: any ConversationStore) in Unreliable(store: store, isWritten: isWritten) }
        try await ConversationBench.run(.sqlite, through: wrap) { bench in
            let first = try? await bench.say("maybe")
            #expect(first?.seq == (isWritten ? 1 : nil))
            #expect(bench.listener.seqs == (isWritten ? [1] : []))
            let next = try await bench.say("next")
            #expect(next.seq == (isWritten ? 2 : 1))
        }
    }
}

/// Counts from 1.
private final class Counter: Sendable {
    private let value = Atomic(0)

    func next() -> Int { value.add(1, ordering: .relaxed).newValue }
}
