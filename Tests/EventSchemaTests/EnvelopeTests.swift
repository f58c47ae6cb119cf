import EventSchema
import Foundation
import Testing

@Suite struct EnvelopeTests {
    private static let uploaded: JSONObject = [
        "event_type": "media.uploaded", "event_id": "0192f3a1-7c4f-7d10-b1f0-2a3b4c5d6e7f",
        "timestamp": "2024-01-01T00:00:00Z", "source": "php-backend",
        "payload": [
            "media_id": "0192f3a1-7c4e-7a63-9a53-0f1e2d3c4b5a", "user_id": "user-123", "file_path": "/srv/a.mp4",
            "content_type": "video/mp4", "file_size": 1_048_576, "metadata": [:],
        ],
    ]

    private func failure(changing path: [String], to value: JSONValue?) -> String? {
        var object = Self.uploaded
        if path.count == 1 {
            object[path[0]] = value
        } else {
            var payload = object["payload"]?.objectValue ?? [:]
            payload[path[1]] = value
            object["payload"] = .object(payload)
        }
        do throws(SchemaError) {
            _ = try EventCatalog.decode(try Envelope(parsing: JSONValue.object(object).encoded))
            return nil
        } catch {
            return error.message
        }
    }

    @Test func `an event as a backend writes it is read`() throws {
        let envelope = try Envelope(.object(Self.uploaded))
        let payload = try envelope.decode(MediaUploaded.self)
        #expect(payload.userID == "user-123")
        #expect(payload.fileSize == 1_048_576)
    }

    typealias Mistake = (path: [String], value: JSONValue?, message: String)

    static let mistakes: [Mistake] = [
        (["payload", "file_size"], JSONValue.string("big"), "payload.file_size: expected integer, got string"),
        (["payload", "file_size"], .number("1.5"), "payload.file_size: expected integer, got number"),
        (["payload", "file_size"], .integer(-1), "payload.file_size: may not be negative"),
        (["payload", "file_size"], nil, "payload.file_size: expected integer, but it is missing"),
        (["payload", "user_id"], .null, "payload.user_id: expected string, got null"),
        (["payload", "user_id"], "", "payload.user_id: expected 1 to 255 bytes, got 0"),
        (["payload", "user_id"], "a b", "payload.user_id: may not hold blanks or control characters"),
        (["payload", "media_id"], "../etc", #"payload.media_id: expected a UUID, got "../etc""#),
        (["payload", "metadata"], [1], "payload.metadata: expected object, got array"),
        (["payload"], [1], "payload: expected object, got array"),
        (["event_id"], 7, "event_id: expected string, got integer"),
        (["timestamp"], "noon", #"timestamp: expected an RFC 3339 time, got "noon""#),
        (["source"], nil, "source: expected string, but it is missing"),
    ]

    @Test(arguments: mistakes)
    func `a wrong field is named by its path`(path: [String], value: JSONValue?, message: String) {
        #expect(failure(changing: path, to: value) == message)
    }

    @Test func `an unknown type is reported by name, with the known ones`() throws {
        let message = try #require(failure(changing: ["event_type"], to: "media.exploded"))
        #expect(message.contains(#"unknown event type "media.exploded""#))
        #expect(message.contains("media.uploaded"))
    }

    @Test func `text that is no object, or no JSON, is refused in words`() {
        #expect(throws: SchemaError(.invalidField, "envelope: expected object, got array")) {
            try Envelope(parsing: Array("[]".utf8))
        }
        #expect(throws: SchemaError(.notJSON, "not JSON: unexpected character at byte 0")) {
            try Envelope(parsing: Array("hello".utf8))
        }
    }

    @Test func `unknown fields survive in the envelope and in the payload`() throws {
        var object = Self.uploaded
        object["tenant"] = "acme"
        var payload = try #require(object["payload"]?.objectValue)
        payload["checksum"] = ["sha256": .number("18446744073709551616")]
        object["payload"] = .object(payload)
        var envelope = try Envelope(.object(object))
        envelope.payload = try envelope.decode(MediaUploaded.self).json
        #expect(envelope.json == object)
    }

    @Test func `an empty map from PHP counts as an object`() throws {
        #expect(failure(changing: ["payload", "metadata"], to: []) == nil)
    }

    @Test func `a notification names one channel or several`() throws {
        var payload: JSONObject = ["user_id": "u", "type": ["webhook", "in_app"], "title": "t", "body": "b"]
        let event = { Envelope(eventType: "notification.requested", source: "test", payload: payload) }
        #expect(try event().decode(NotificationRequested.self).types == ["webhook", "in_app"])
        payload["type"] = "in_app"
        #expect(try event().decode(NotificationRequested.self).types == ["in_app"])
        payload["type"] = []
        #expect(throws: SchemaError(.invalidField, "payload.type: names no channel")) {
            try event().decode(NotificationRequested.self)
        }
    }
}
