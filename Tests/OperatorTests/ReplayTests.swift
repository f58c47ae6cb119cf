import ArgumentParser
import EventSchema
import Foundation
import Messaging
import Testing

@testable import Operator

struct ReplayPlanTests {
    private let now = Timestamp(milliseconds: 1_704_067_200_000)

    private func record(
        _ type: String = "media.ready",
        at time: String = "2023-12-31T23:00:00Z",
        exchange: String = "events",
        key: String? = nil,
        headers: JSONObject = [:]
    ) throws -> MessageRecord {
        let envelope = Envelope(
            eventType: type,
            timestamp: try #require(Timestamp(time)),
            source: "s",
            payload: [:]
        )
        var message = Message(envelope)
        message.headers = headers
        return MessageRecord(message: message, source: Destination(exchange: exchange, routingKey: key ?? type))
    }

    @Test func `a copy keeps its id, and says that it is one`() throws {
        let record = try record(headers: ["x-attempt": 8, "x-parked-reason": "r", "x-stream-offset": 7, "kept": 1])
        let copy = try #require(try ReplayPlan(now: now).copy(of: record))
        #expect(copy.message.messageID == record.message.messageID)
        #expect(copy.message.body == record.message.body)
        #expect(copy.message.headers == ["x-replayed-at": "2024-01-01T00:00:00Z", "kept": 1])
    }

    @Test func `new ids are new in the envelope, too`() throws {
        let record = try record()
        let copy = try #require(try ReplayPlan(hasNewIDs: true, now: now).copy(of: record))
        #expect(copy.message.messageID != record.message.messageID)
        #expect(try Envelope(parsing: copy.message.body).eventID.lowercased == copy.message.messageID)
    }

    @Test func `what is no envelope is told by what it means`() throws {
        let body =
            #"{"specversion":"1.0","type":"media.ready","source":"/s","id":"1","time":"2023-12-31T23:00:00Z","#
            + #""data":{}}"#
        let message = Message(body: Array(body.utf8), contentType: "application/cloudevents+json")
        let record = MessageRecord(message: message, source: Destination(exchange: "events", routingKey: "k"))
        #expect(try ReplayPlan(type: "media.ready", now: now).copy(of: record)?.message.body == message.body)
        #expect(try ReplayPlan(type: "media.failed", now: now).copy(of: record) == nil)
        #expect(try ReplayPlan(from: Timestamp("2023-12-31T23:00:01Z"), now: now).copy(of: record) == nil)
    }

    @Test func `a parked message finds its routing key again`() throws {
        let parked = try record(exchange: "parking", key: "media.process")
        let copy = try #require(try ReplayPlan(now: now).copy(of: parked))
        #expect(copy.destination == Destination(exchange: "events", routingKey: "media.ready"))
        let typed = try #require(try ReplayPlan(now: now).copy(of: record(key: "media.ready.x")))
        #expect(typed.destination.routingKey == "media.ready.x")
        let toQueue = try #require(try ReplayPlan(queue: "q", now: now).copy(of: parked))
        #expect(toQueue.destination == .queue("q"))
    }

    @Test func `other types, older events and earlier copies are left out`() throws {
        #expect(try ReplayPlan(type: "media.failed", now: now).copy(of: record()) == nil)
        #expect(try ReplayPlan(type: "media.ready", now: now).copy(of: record()) != nil)
        #expect(try ReplayPlan(from: Timestamp("2023-12-31T23:00:01Z"), now: now).copy(of: record()) == nil)
        #expect(try ReplayPlan(from: Timestamp("2023-12-31T23:00:00Z"), now: now).copy(of: record()) != nil)
        #expect(try ReplayPlan(now: now).copy(of: record(headers: ["x-replayed-at": "x"])) == nil)
    }

    @Test func `without a type there is no place in an exchange`() throws {
        let record = MessageRecord(message: Message(body: [1]), source: Destination(exchange: "", routingKey: "q"))
        #expect(throws: CommandFailure.self) { try ReplayPlan(now: now).copy(of: record) }
        #expect(try ReplayPlan(queue: "q", now: now).copy(of: record) != nil)
    }

    @Test(arguments: [
        [], ["a", "--stream", "events.log", "--to-exchange"], ["a"], ["a", "--to-queue", "q", "--to-exchange"],
        ["--stream", "events.log", "--to-exchange"], ["a", "--to-exchange", "--limit", "0"],
        ["a", "--to-exchange", "--from", "soon"],
    ])
    func `a replay that is not clear is refused`(arguments: [String]) {
        #expect(throws: (any Error).self) { try ReplayCommand.parse(arguments) }
    }

    @Test func `an age counts from now`() throws {
        let command = try ReplayCommand.parse(["--stream", "events.log", "--from", "2h", "--to-queue", "q"])
        #expect(command.plan(now: now).from == Timestamp("2023-12-31T22:00:00Z"))
        let first = try ReplayCommand.parse(["--stream", "events.log", "--from", "first", "--to-exchange"])
        #expect(first.plan(now: now).from == nil)
    }
}

struct LineReaderTests {
    @Test func `lines come one by one with their numbers`() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "martlet-\(UUID().uuidString).jsonl")
        let long = String(repeating: "x", count: 200_000)
        try Data("a\n\n\(long)\nlast".utf8).write(to: path)
        defer { try? FileManager.default.removeItem(at: path) }
        var reader = try LineReader(path: path.path)
        var lines: [(Int, Int)] = []
        while let line = try reader.next() { lines.append((reader.number, line.count)) }
        #expect(lines.map(\.0) == [1, 3, 4])
        #expect(lines.map(\.1) == [1, 200_000, 4])
    }

    @Test func `a line without end is refused`() throws {
        var reader = try LineReader(path: "/dev/zero")
        let failure = #expect(throws: CommandFailure.self) { try reader.next() }
        #expect(failure?.description == "line 1 is longer than 33554432 bytes")
    }
}

struct OptionTests {
    @Test(arguments: [("90s", 90), ("30m", 1800), ("36h", 129_600), ("7d", 604_800), ("2w", 1_209_600)])
    func `an age has a unit`(text: String, seconds: Int) {
        #expect(Age(argument: text)?.duration == .seconds(seconds))
    }

    @Test(arguments: ["", "7", "d", "-1d", "1.5h", "99999999999d"])
    func `what is no age is refused`(text: String) {
        #expect(Age(argument: text) == nil)
    }

    @Test(arguments: [("10/s", 0.1), ("4", 0.25), ("30/m", 2)])
    func `a rate is so many in a time`(text: String, interval: Double) {
        #expect(Rate(argument: text)?.interval == .seconds(interval))
    }

    @Test(arguments: ["", "0/s", "-1", "10/h", "10/s/s", "fast"])
    func `what is no rate is refused`(text: String) {
        #expect(Rate(argument: text) == nil)
    }

    @Test func `whoever changes something is asked first`() async throws {
        let asking = try ActionOptions.parse([])
        try await asking.confirm("Sure?", terminal: { $0 == "Sure? [y/N] " ? "y" : nil })
        for answer in ["", "n", "no"] {
            await #expect(throws: CommandFailure.self) { try await asking.confirm("Sure?", terminal: { _ in answer }) }
        }
        await #expect(throws: CommandFailure.self) { try await asking.confirm("Sure?", terminal: nil) }
        try await ActionOptions.parse(["--yes"]).confirm("Sure?", terminal: nil)
        try await ActionOptions.parse(["--dry-run"]).confirm("Sure?", terminal: nil)
    }
}
