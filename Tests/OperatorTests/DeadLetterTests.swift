import ArgumentParser
import EventSchema
import Foundation
import Messaging
import Testing

@testable import Operator

struct DeadLetterTests {
    private let now = Timestamp(milliseconds: 1_704_067_200_000)
    private let event = """
        {"event_type":"media.uploaded","event_id":"0192f3a1-9d20-7c11-8b7a-1a2b3c4d5e6f",\
        "timestamp":"2024-01-01T00:00:00Z","source":"s","payload":{}}
        """

    private func letter(_ headers: JSONObject = [:], body: String = "{}", id: String? = nil) -> DeadLetter {
        DeadLetter(
            queue: "media.process.parking",
            message: Message(body: Array(body.utf8), messageID: id, headers: headers),
            source: Destination(exchange: "parking", routingKey: "media.process")
        )
    }

    @Test func `what we parked says why, when and how often`() {
        let letter = letter([
            "x-parked-reason": "disk full", "x-parked-at": "2024-01-01T00:00:00Z", "x-attempt": 8,
            "x-parked-from": "somewhere.else",
        ])
        #expect(letter.reason == "disk full")
        #expect(letter.parkedAt == now)
        #expect(letter.attempts == 8)
        // By where it waits: a header is anybody's.
        #expect(letter.home == .queue("media.process"))
    }

    @Test func `what the broker gave up on says so`() {
        let death: JSONValue = [["reason": "delivery_limit", "time": 1_704_067_200, "queue": "media.process"]]
        let letter = letter(["x-death": death])
        #expect(letter.reason == "given up by the broker: delivery_limit")
        #expect(letter.parkedAt == now)
    }

    @Test func `what no queue wanted goes back to where it was published`() {
        let stray = DeadLetter(
            queue: "events.unrouted",
            message: Message(body: []),
            source: Destination(exchange: "events", routingKey: "cart.gone")
        )
        #expect(stray.origin == nil)
        #expect(stray.home == Destination(exchange: "events", routingKey: "cart.gone"))
        #expect(stray.reason == "no queue takes cart.gone of exchange events")
    }

    @Test func `every one has an id`() {
        #expect(letter(body: event, id: "own").id == "own")
        #expect(letter(body: event).id == "0192f3a1-9d20-7c11-8b7a-1a2b3c4d5e6f")
        #expect(letter(body: "a").id == letter(body: "a").id)
        #expect(letter(body: "a").id != letter(body: "b").id)
    }

    @Test(arguments: [
        (["--reason", "DISK"], true), (["--reason", "network"], false), (["--type", "media.uploaded"], true),
        (["--type", "media"], false), (["--event-id", "0192F3A1-9D20-7C11-8B7A-1A2B3C4D5E6F"], true),
        (["--event-id", "x"], false), (["--older-than", "1h"], true), (["--older-than", "3h"], false), ([], true),
    ])
    func `filters choose`(arguments: [String], matches: Bool) throws {
        let filter = try DeadLetterFilter.parse(arguments)
        let letter = letter(
            ["x-parked-reason": "disk full", "x-parked-at": "2023-12-31T22:00:00Z"],
            body: event
        )
        #expect(filter.matches(letter, now: now) == matches)
    }

    @Test func `of unknown age is not older than anything`() throws {
        #expect(try !DeadLetterFilter.parse(["--older-than", "0s"]).matches(letter(), now: now))
    }

    @Test func `queues are named by their origin or by themselves`() throws {
        let filter = try DeadLetterFilter.parse(["--queue", "media.process", "--queue", "events.unrouted"])
        #expect(filter.queues == ["media.process.parking", "events.unrouted"])
        #expect(try DeadLetterFilter.parse(["--queue", "a.parking"]).queues == ["a.parking"])
        #expect(try DeadLetterFilter.parse([]).queues.count == Topology.workQueues.count)
        #expect(throws: (any Error).self) { try DeadLetterFilter.parse(["--limit", "0"]) }
    }

    @Test func `a line of the table keeps a stranger's escape sequences from the terminal`() {
        let line = DeadLetterTable.line(for: letter(["x-parked-reason": "\u{1B}[2J\nnext"]))
        #expect(line.hasSuffix("\u{FFFD}[2J\u{FFFD}next"))
    }

    @Test func `show tells everything`() {
        let lines = ShowCommand.lines(for: letter(["x-parked-reason": "why"], body: "{\n}"))
        #expect(lines.contains("parked from: media.process"))
        #expect(lines.contains("header x-parked-reason: why"))
        #expect(lines.suffix(3) == ["", "{", "}"])
    }
}

struct MessageRecordTests {
    private let source = Destination(exchange: "parking", routingKey: "media.process")

    @Test(arguments: [Array("{\"a\":\"ü\"}".utf8), [0xFF, 0x00, 0xFE], []])
    func `a record reads back what it was written from`(body: [UInt8]) throws {
        let message = Message(
            body: body,
            contentType: "application/json",
            contentEncoding: "gzip",
            messageID: "id",
            type: "media.uploaded",
            appID: "app",
            correlationID: "c",
            replyTo: "answers",
            priority: 9,
            timestamp: Timestamp(milliseconds: 1_704_067_200_000),
            headers: ["x-attempt": 3, "traceparent": "00-1"]
        )
        let line = JSONValue.object(MessageRecord(message: message, source: source).json).encoded
        let read = try MessageRecord(JSONParser.parse(line))
        #expect(read == MessageRecord(message: message, source: source))
    }

    @Test func `an event is a record, too`() throws {
        let envelope = Envelope(eventType: "media.ready", source: "s", payload: [:])
        let record = try MessageRecord(.object(envelope.json))
        #expect(record.source == Destination(exchange: "events", routingKey: "media.ready"))
        #expect(record.message.messageID == envelope.eventID.lowercased)
    }

    @Test(
        arguments: [
            [1], ["body_base64": "no base64!"], ["body": 5], ["event_type": "a"],
            ["body": "b", "priority": 256], ["body": "b", "priority": "high"],
        ] as [JSONValue]
    )
    func `what is neither is refused`(value: JSONValue) {
        #expect(throws: SchemaError.self) { try MessageRecord(value) }
    }
}
