import EventSchema
import Foundation
import Messaging
import Testing

struct DecodingEnvelopeTests {
    private let decoder = EventDecoder()

    private func envelope(_ id: String? = nil) -> String {
        let id = id.map { #""event_id":\#($0),"# } ?? ""
        return #"{"event_type":"a.b",\#(id)"timestamp":"2024-01-01T00:00:00Z","source":"s","payload":{}}"#
    }

    @Test func `a byte order mark is passed over`() throws {
        let message = Message("\u{FEFF}" + envelope(#""7f0c2a56-0d5e-4b5e-9f3a-2f1f1c9f0a01""#))
        #expect(message.body.starts(with: [0xEF, 0xBB, 0xBF]))
        #expect(try decoder.envelope(of: message).eventType == "a.b")
    }

    @Test func `headers of another format do not make an envelope anything else`() throws {
        let headers: JSONObject = ["type": #"App\MediaReady"#, "cloudEvents:type": "x"]
        #expect(try decoder.envelope(of: Message(envelope(), headers: headers)).eventType == "a.b")
    }

    // MARK: Ids that are missing

    @Test(arguments: [nil, "null"])
    func `without an event_id the message's id counts`(id: String?) throws {
        let uuid = "7f0c2a56-0d5e-4b5e-9f3a-2f1f1c9f0a01"
        #expect(try decoder.envelope(of: Message(envelope(id), messageID: uuid)).eventID.lowercased == uuid)
        let made = try decoder.envelope(of: Message(envelope(id), messageID: "order-7")).eventID
        // UUIDv5 of "message order-7" in the namespace 06427f00-23f3-4e6c-9d5a-9c77a86b6d25, as Python's uuid.uuid5 has it.
        #expect(made.lowercased == "c3f89cac-8bbb-5e80-b8d6-33412172e036")
    }

    @Test(arguments: [nil, ""])
    func `without any id the body, the key and the AMQP time decide`(messageID: String?) throws {
        var message = Message(envelope(), messageID: messageID)
        let made = try decoder.envelope(of: message, key: "a.b").eventID
        // UUIDv5 of "content " and the SHA-256 of the body and the key.
        #expect(made.lowercased == "8da08293-bd71-5c29-bc9c-f44f3c94fe08")
        #expect(try decoder.envelope(of: message, key: "a.c").eventID != made)
        message.body.append(UInt8(ascii: " "))
        #expect(try decoder.envelope(of: message, key: "a.b").eventID != made)
        message = Message(envelope())
        message.timestamp = Timestamp(milliseconds: 1000)
        #expect(try decoder.envelope(of: message, key: "a.b").eventID != made)
    }

    @Test(arguments: [Settlement.retry(after: .zero, reason: "down"), .park(reason: "why")])
    func `a message without an id stays the same event when it is retried or requeued`(settlement: Settlement) throws {
        let first = Delivery(Message(envelope()), key: "a.b")
        let id = try decoder.envelope(of: first).eventID
        var delivery = first
        for _ in 1...2 {
            let step = SettlementPolicy().step(for: settlement, of: delivery, exclusive: false, now: .now)
            guard case .move(let copy, _) = step else {
                Issue.record("not moved")
                return
            }
            // A tier hands it back through the default exchange, under the queue's name.
            delivery = Delivery(copy, key: "realtime.events")
            #expect(try decoder.envelope(of: delivery).eventID == id)
        }
    }

    @Test func `a wrong id is a mistake, not a missing one`() {
        let problem = decoder.problem(
            with: Message(envelope(#""7""#), messageID: "7f0c2a56-0d5e-4b5e-9f3a-2f1f1c9f0a01")
        )
        #expect(problem?.message == #"event_id: expected a UUID, got "7""#)
    }

    @Test(arguments: ["timestamp", "source", "payload"])
    func `what else is missing is named`(field: String) throws {
        var object = try #require(try JSONParser.parse(envelope()).objectValue)
        object[field] = nil
        let problem = decoder.problem(with: Message(JSONValue.object(object).description))
        #expect(problem?.message.hasPrefix("\(field): expected ") == true)
    }

    // MARK: What is no event

    private static let php = #"O:8:"App\Sale":1:{s:2:"id";i:7;}"#

    static let bodies: [(String, SchemaError.Code, String)] = [
        ("", .unsupportedFormat, "empty"), (" \n", .unsupportedFormat, "empty"),
        ("\u{FEFF}", .unsupportedFormat, "empty"),
        (php, .unsupportedFormat, #"serialize() of App\Sale: publish json_encode()"#),
        (#"O:8:\"App\\Sale\":0:{}"#, .unsupportedFormat, #"serialize() of App\Sale"#),
        (Data(php.utf8).base64EncodedString(), .unsupportedFormat, #"serialize() of App\Sale"#),
        (JSONValue.string(php).description, .unsupportedFormat, #"serialize() of App\Sale"#),
        (#"C:7:"App\Old":2:{{}}"#, .unsupportedFormat, #"serialize() of App\Old"#),
        (#"E:11:"App\Suit:Up";"#, .unsupportedFormat, "serialize()"),
        ("O:500:\"" + String(repeating: "x", count: 500), .unsupportedFormat, "serialize()"),
        (#"a:1:{s:1:"k";i:1;}"#, .unsupportedFormat, "PHP serialize(): publish json_encode()"),
        (#"s:5:"hello";"#, .unsupportedFormat, "serialize()"), ("i:-7;", .unsupportedFormat, "serialize()"),
        ("b:1;", .unsupportedFormat, "serialize()"), ("d:0.5;", .unsupportedFormat, "serialize()"),
        ("N;", .unsupportedFormat, "serialize()"),
        (#""{\"event_type\":1}""#, .unsupportedFormat, "encoded twice"),
        ("<?xml version=\"1.0\"?><e/>", .unsupportedFormat, "XML"),
        ("a:b", .notJSON, "not JSON: unexpected character at byte 0"),
        ("O:nobody", .notJSON, "not JSON: unexpected character at byte 0"),
        ("event=sale&id=7", .notJSON, "not JSON: unexpected character at byte 0"),
        ("{\"a\":1", .notJSON, "not JSON: expected '}' at byte 6"),
        ("{\"a\":1}", .invalidField, "event_type: expected string, or a CloudEvent"),
        ("7", .invalidField, "envelope: expected object, got integer"),
        ("null", .invalidField, "envelope: expected object, got null"),
        (String(repeating: "[", count: 100_000), .notJSON, "nested too deeply"),
    ]

    @Test(arguments: bodies)
    func `a body that is no event says what it is`(body: String, code: SchemaError.Code, reason: String) throws {
        let problem = try #require(decoder.problem(with: Message(body)))
        #expect(problem.code == code)
        #expect(problem.message.contains(reason), "\(problem.message)")
        // More than a parking header takes would be cut.
        #expect(problem.message.utf8.count <= 512)
    }

    static let bytes: [([UInt8], String)] = [
        ([0x1F, 0x8B, 0x08, 0x00], "gzip"), ([0x78, 0x9C, 0x03, 0x00], "zlib"),
        ([0x28, 0xB5, 0x2F, 0xFD, 0x04], "zstd"),
        ([0xFF, 0xFE, 0x7B, 0x00], "UTF-16"), ([0x00, 0x7B, 0x00, 0x7D], "UTF-16"),
        ([0x82, 0xA1, 0x61, 0x01], "not UTF-8"),
        (Array(#"{"event_type":""#.utf8) + [0xFF, 0x22, 0x7D], "not UTF-8"),
        (Array(#"{"name":"Gr"#.utf8) + [0xF6, 0xDF] + Array(#"e"}"#.utf8), "not UTF-8"),
    ]

    @Test(arguments: bytes)
    func `a body that is no text says what it is`(body: [UInt8], reason: String) throws {
        let problem = try #require(decoder.problem(with: Message(body: body)))
        #expect(problem.message.contains(reason), "\(problem.message)")
    }

    // MARK: Into a handler

    @Test func `a handler is given the event, and what is none is parked`() async {
        var handlers = EventHandlers(decoder: EventDecoder(types: ["Sale": "realtime.broadcast"]))
        handlers.on(RealtimeBroadcast.self) { received in
            received.payload.topic == "t" && received.trace.traceParent == "00-1" ? .acknowledge : .release
        }
        let body = #"{"topic":"t","event":"e","payload":{}}"#
        let message = Message(body, headers: ["type": "Sale", "traceparent": "00-1"])
        #expect(await handlers.handle(Delivery(message)) == .acknowledge)
        #expect(await handlers.handle(Delivery(Message(""))) == .park(reason: "the body is empty"))
    }
}
