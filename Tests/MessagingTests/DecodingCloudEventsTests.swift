import EventSchema
import Foundation
import Messaging
import Testing

struct DecodingCloudEventsTests {
    private let decoder = EventDecoder(now: { Timestamp(milliseconds: 1_704_067_200_000) })
    private let data = #"{"topic":"t","event":"e","payload":{}}"#
    private let payload: JSONObject = ["topic": "t", "event": "e", "payload": [:]]

    private func structured(_ changes: JSONObject = [:], contentType: String? = nil) -> Message {
        let event: JSONObject = [
            "specversion": "1.0", "type": "realtime.broadcast", "source": "/shop", "id": "order-1",
            "time": "2024-05-01T10:00:00.5Z", "data": .object(payload),
        ]
        let changed = event.merging(changes) { _, new in new }.filter { $0.value != .null }
        return Message(JSONValue.object(changed).description, contentType: contentType)
    }

    private func binary(_ changes: JSONObject = [:], prefix: String = "cloudEvents:") -> Message {
        let attributes: JSONObject = [
            "specversion": "1.0", "type": "realtime.broadcast", "source": "/shop", "id": "order-1",
        ]
        let changed = attributes.merging(changes) { _, new in new }.filter { $0.value != .null }
        let headers = Dictionary(uniqueKeysWithValues: changed.map { (prefix + $0, $1) })
        return Message(data, contentType: "application/json", headers: headers)
    }

    @Test(arguments: [nil, "application/cloudevents+json; charset=UTF-8", "text/plain"])
    func `a structured event is read`(contentType: String?) throws {
        let envelope = try decoder.envelope(of: structured(contentType: contentType))
        #expect(envelope.eventType == "realtime.broadcast")
        #expect(envelope.source == "/shop")
        #expect(envelope.timestamp == Timestamp("2024-05-01T10:00:00.5Z"))
        #expect(envelope.payload == payload)
        #expect(envelope.additional == [:])
    }

    @Test(arguments: ["cloudEvents:", "cloudEvents_"])
    func `a binary event is read from headers and body`(prefix: String) throws {
        let envelope = try decoder.envelope(of: binary(["time": "2024-05-01T10:00:00Z"], prefix: prefix))
        #expect(envelope.eventType == "realtime.broadcast")
        #expect(envelope.source == "/shop")
        #expect(envelope.timestamp == Timestamp("2024-05-01T10:00:00Z"))
        #expect(envelope.payload == payload)
    }

    @Test func `both modes make the same event, and another source another`() throws {
        let id = try decoder.envelope(of: structured()).eventID
        #expect(try decoder.envelope(of: binary()).eventID == id)
        #expect(try decoder.envelope(of: binary(["source": "/till"])).eventID != id)
        #expect(id.lowercased.dropFirst(14).first == "5")
    }

    @Test func `an id that is a UUID is the event's`() throws {
        let id = "0192F3A1-7C4F-7D10-B1F0-2A3B4C5D6E7F"
        #expect(try decoder.envelope(of: structured(["id": .string(id)])).eventID == UUID(uuidString: id))
    }

    @Test func `time comes from the event, else from AMQP, else it is now`() throws {
        #expect(try decoder.envelope(of: structured(["time": nil])).timestamp.description == "2024-01-01T00:00:00Z")
        var message = structured(["time": nil])
        message.timestamp = Timestamp("2024-02-02T00:00:00Z")
        #expect(try decoder.envelope(of: message).timestamp == message.timestamp)
        let stamped = try decoder.envelope(of: binary(["time": 1_714_557_600]))
        #expect(stamped.timestamp.description == "2024-05-01T10:00:00Z")
    }

    @Test func `data may be base64 and of any JSON media type`() throws {
        let encoded = Data(data.utf8).base64EncodedString()
        let changes: JSONObject = [
            "data": nil, "data_base64": .string(encoded), "datacontenttype": "application/vnd.shop+json; charset=utf-8",
        ]
        #expect(try decoder.envelope(of: structured(changes)).payload == payload)
    }

    @Test func `a type may be mapped, and passes as it is otherwise`() throws {
        let mapped = EventDecoder(types: ["com.shop.sale": "realtime.broadcast"])
        let message = structured(["type": "com.shop.sale"])
        #expect(try mapped.envelope(of: message).eventType == "realtime.broadcast")
        #expect(try decoder.envelope(of: message).eventType == "com.shop.sale")
    }

    @Test func `extensions are kept, and a trace among them is handed on`() throws {
        let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        let changes: JSONObject = [
            "traceparent": .string(trace), "tracestate": "a=1", "subject": "s", "tenant": "acme",
        ]
        for var message in [structured(changes), binary(changes)] {
            let envelope = try decoder.envelope(of: message)
            #expect(envelope.additional == changes)
            let expected = TraceContext(traceParent: trace, traceState: "a=1")
            #expect(TraceContext(of: message, or: envelope) == expected)
            message.headers["traceparent"] = "00-1"
            #expect(TraceContext(of: message, or: envelope) == TraceContext(traceParent: "00-1", traceState: nil))
        }
    }

    @Test(arguments: ["00-1\r\nX-Evil: 1", "größe", String(repeating: "0", count: 513)])
    func `a trace that fits no header is not handed on`(trace: String) throws {
        let message = structured(["traceparent": .string(trace)])
        #expect(TraceContext(of: message, or: try decoder.envelope(of: message)) == TraceContext())
    }

    @Test func `a long source is whole in the envelope and cut where AMQP has no room`() throws {
        let source = "urn:" + String(repeating: "ö", count: 400)
        let envelope = try decoder.envelope(of: structured(["source": .string(source)]))
        #expect(envelope.source == source)
        #expect(Message(envelope).appID == String(source.prefix(129)))
    }

    static let mistakes: [(JSONObject, String)] = [
        (["specversion": "0.3"], #"specversion: CloudEvents "0.3" is not supported, 1.0 is"#),
        (["specversion": 1], "specversion: expected string, got integer"),
        (["type": nil], "type: expected string, but it is missing"),
        (["source": ""], "source: may not be empty"),
        (["id": nil], "id: expected string, but it is missing"),
        (["id": ""], "id: may not be empty"),
        (["time": "noon"], #"time: expected an RFC 3339 time, got "noon""#),
        (["time": 7], "time: expected an RFC 3339 time, got a number"),
        (["data": nil], "data: expected object, but it is missing"),
        (["data": "text"], "data: expected object, got string"),
        (["datacontenttype": "application/xml"], #"datacontenttype: expected JSON, got "application/xml""#),
        (["data_base64": "e30="], "data_base64: may not come together with data"),
        (["data": nil, "data_base64": "?"], "data_base64: is not base64"),
        (["data": nil, "data_base64": "W10="], "data_base64: expected object, got array"),
        (["data": nil, "data_base64": "eA=="], "data_base64: not JSON: unexpected character at byte 0"),
    ]

    @Test(arguments: mistakes)
    func `a mistake is named by its attribute`(changes: JSONObject, message: String) {
        #expect(decoder.problem(with: structured(changes))?.message == message)
    }

    @Test func `a binary event's mistakes are named as its headers are`() {
        #expect(
            decoder.problem(with: binary(["specversion": "2.0"]))?.message.hasPrefix("cloudEvents.specversion: ")
                == true
        )
        #expect(
            decoder.problem(with: binary(["specversion": nil]))?.message
                == "cloudEvents.specversion: expected string, but it is missing"
        )
        let time = binary(["time": .integer(.max)])
        #expect(decoder.problem(with: time)?.message == "cloudEvents.time: expected an RFC 3339 time, got a number")
    }

    @Test func `what is declared a CloudEvent but is none says what is missing`() {
        let message = Message("{}", contentType: "application/cloudevents+json")
        #expect(decoder.problem(with: message)?.message == "specversion: expected string, but it is missing")
    }

    @Test func `a batch is refused in words`() {
        let batch = Message("[\(String(decoding: structured().body, as: UTF8.self))]")
        #expect(decoder.problem(with: batch)?.message.contains("batch of CloudEvents") == true)
    }
}
