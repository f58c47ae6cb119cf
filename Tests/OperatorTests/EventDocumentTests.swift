import EventSchema
import Foundation
import Testing

@testable import Operator

struct EventDocumentTests {
    private func document(_ text: String) throws(CommandFailure) -> EventDocument {
        try EventDocument(text: Array(text.utf8))
    }

    @Test func `one object may take any number of lines`() throws {
        let entries = try document("{\n  \"event_type\": \"a\"\n}\n").entries
        #expect(entries == [EventDocument.Entry(line: 1, value: ["event_type": "a"])])
    }

    @Test func `several events stand one on each line`() throws {
        let entries = try document("{\"n\":1}\n\n{\"n\":2}\n").entries
        #expect(entries.map(\.line) == [1, 3])
        #expect(entries.map(\.value) == [["n": 1], ["n": 2]])
    }

    @Test func `a line that is no JSON is named`() {
        do {
            _ = try document("{\"n\":1}\n{\"n\":\n")
            Issue.record("it was read")
        } catch {
            #expect(error.kind == .invalidEvent)
            #expect(error.description.hasPrefix("line 2: not JSON"))
        }
    }

    @Test(arguments: ["", "nonsense", "{\n  \"a\": 1,\n}\n"])
    func `text that is no JSON at all is refused`(text: String) {
        do {
            _ = try document(text)
            Issue.record("it was read")
        } catch {
            #expect(error.kind == .invalidEvent)
            #expect(error.description.hasPrefix("not JSON"))
        }
    }

    @Test func `a file that is not there is named`() {
        do {
            _ = try EventDocument(path: "/nonexistent.json")
            Issue.record("it was read")
        } catch {
            #expect(error.kind == .failed)
            #expect(error.description.contains("\"/nonexistent.json\""))
        }
    }

    @Test func `filling keeps what is there`() throws {
        let id = try #require(UUID(uuidString: "0192F3A1-9D20-7C11-8B7A-1A2B3C4D5E6F"))
        let now = Timestamp(milliseconds: 0)
        let empty = EventDocument.Entry(line: 1, value: ["event_type": "a", "event_id": nil])
        #expect(
            empty.filled(id: id, now: now).value == [
                "event_type": "a", "event_id": "0192f3a1-9d20-7c11-8b7a-1a2b3c4d5e6f",
                "timestamp": "1970-01-01T00:00:00Z", "source": "martlet",
            ]
        )
        let full = EventDocument.Entry(line: 1, value: ["event_id": "x", "timestamp": "y", "source": "z"])
        #expect(full.filled(id: id, now: now) == full)
    }
}

struct EventExaminerTests {
    private let valid: JSONObject = [
        "event_type": "media.failed", "event_id": "0192f3a1-9d20-7c11-8b7a-1a2b3c4d5e6f",
        "timestamp": "2024-01-01T00:00:00Z", "source": "s",
        "payload": [
            "media_id": "0192f3a1-aaaa-7bbb-8ccc-0123456789ab", "reason": "r", "message": "w", "retryable": false,
        ],
    ]

    private func mistakes(_ change: (inout JSONObject) -> Void, force: Bool = false) -> [String] {
        var event = valid
        change(&event)
        return EventExaminer.mistakes(in: .object(event), allowsUnknownTypes: force)
    }

    @Test func `a valid event has none`() {
        #expect(mistakes { _ in } == [])
    }

    @Test func `every mistake is named by its path, in the envelope and in the payload`() {
        let found = mistakes {
            $0["event_id"] = "x"
            $0["timestamp"] = 3
            $0["source"] = nil
            $0["payload"] = ["media_id": 5, "message": "w", "retryable": "yes"]
        }
        #expect(
            found == [
                "event_id: expected a UUID, got \"x\"",
                "timestamp: expected string, got integer",
                "source: expected string, but it is missing",
                "payload.media_id: expected string, got integer",
                "payload.reason: expected string, but it is missing",
                "payload.retryable: expected boolean, got string",
            ]
        )
    }

    @Test func `an element of a list is named by its place`() {
        let found = EventExaminer.mistakes(in: [
            "event_type": "notification.requested", "event_id": "0192f3a1-9d20-7c11-8b7a-1a2b3c4d5e6f",
            "timestamp": "2024-01-01T00:00:00Z", "source": "s",
            "payload": ["user_id": "u", "type": ["in_app", 7, 8], "title": "t", "body": "b"],
        ])
        #expect(
            found == [
                "payload.type[1]: expected string, got integer", "payload.type[2]: expected string, got integer",
            ]
        )
    }

    @Test func `an unknown type is a mistake unless it is forced`() {
        #expect(mistakes { $0["event_type"] = "media.exploded" }.count == 1)
        #expect(mistakes({ $0["event_type"] = "media.exploded" }, force: true) == [])
        #expect(
            mistakes(
                {
                    $0["event_id"] = "x"
                    $0["event_type"] = "media.exploded"
                },
                force: true
            ).count == 1
        )
    }

    @Test func `what is no object is refused and the search ends`() {
        #expect(EventExaminer.mistakes(in: [1, 2]) == ["envelope: expected object, got array"])
    }
}

struct EventLineTests {
    @Test func `an event is one line with as much payload as fits`() {
        let envelope = Envelope(
            eventType: "media.ready",
            eventID: UUID(),
            timestamp: Timestamp(milliseconds: 1),
            source: "s",
            payload: ["text": .string(String(repeating: "x", count: 500))]
        )
        let line = EventLine.text(for: envelope)
        #expect(line.hasPrefix("1970-01-01T00:00:00.001Z media.ready \(envelope.eventID.lowercased) {\"text\":\"xxx"))
        #expect(line.hasSuffix("…"))
        #expect(line.count < 260)
    }

    @Test func `control characters do not reach the terminal`() {
        let envelope = Envelope(eventType: "a", source: "s", payload: ["x": "\u{9B}31m\u{7F}"])
        #expect(!EventLine.text(for: envelope).unicodeScalars.contains { $0.properties.generalCategory == .control })
        let line = EventLine.text(forUnreadable: Array("a\u{1B}[2J\nb".utf8), reason: "not JSON")
        #expect(line == "not an event (not JSON): a\u{FFFD}[2J\u{FFFD}b")
    }
}
