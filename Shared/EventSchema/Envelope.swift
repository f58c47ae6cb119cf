package import Foundation

/// What every event travels in: who says what, when, and an id by which it is recognised when it comes twice.
package struct Envelope: Sendable, Hashable {
    /// The event's name in the past tense, and its routing key: `media.uploaded`.
    package var eventType: String
    /// Unique to the event; a redelivery carries the same.
    package var eventID: UUID
    package var timestamp: Timestamp
    /// The program that says it: `php-backend`.
    package var source: String
    package var payload: JSONObject
    /// Fields of a newer schema, kept as they came.
    package var additional: JSONObject

    package init(
        eventType: String,
        eventID: UUID = UUID(),
        timestamp: Timestamp = .now,
        source: String,
        payload: JSONObject,
        additional: JSONObject = [:]
    ) {
        self.eventType = eventType
        self.eventID = eventID
        self.timestamp = timestamp
        self.source = source
        self.payload = payload
        self.additional = additional
    }

    /// Wraps a payload of ours.
    package init(_ payload: some EventPayload, eventID: UUID = UUID(), timestamp: Timestamp = .now, source: String) {
        self.init(
            eventType: type(of: payload).eventType,
            eventID: eventID,
            timestamp: timestamp,
            source: source,
            payload: payload.json
        )
    }
}

// MARK: - Reading and writing

extension Envelope {
    /// Reads an envelope from JSON text; any `event_type` passes, any other mistake is named by its path.
    package init(parsing bytes: Span<UInt8>) throws(SchemaError) {
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONParser.parse(bytes)
        } catch {
            throw SchemaError(.notJSON, error.description)
        }
        try self.init(value)
    }

    /// Reads an envelope from JSON text.
    package init(parsing bytes: [UInt8]) throws(SchemaError) {
        try self.init(parsing: bytes.span)
    }

    package init(_ value: JSONValue) throws(SchemaError) {
        var reader = try ObjectReader(value, at: "")
        eventType = try reader.identifier("event_type")
        eventID = try reader.uuid("event_id")
        timestamp = try reader.timestamp("timestamp")
        source = try reader.string("source")
        payload = try reader.object("payload")
        additional = reader.remaining
    }

    package var json: JSONObject {
        var object = additional
        object["event_type"] = .string(eventType)
        object["event_id"] = .string(eventID.lowercased)
        object["timestamp"] = .string(timestamp.description)
        object["source"] = .string(source)
        object["payload"] = .object(payload)
        return object
    }

    /// The envelope as JSON text.
    package var encoded: [UInt8] { JSONValue.object(json).encoded }

    /// Reads the payload as the type whose event this is.
    package func decode<Payload: EventPayload>(_: Payload.Type = Payload.self) throws(SchemaError) -> Payload {
        guard eventType == Payload.eventType else {
            throw .invalid("event_type", "expected \(Payload.eventType), got \(eventType)")
        }
        var reader = try ObjectReader(.object(payload), at: "payload")
        return try Payload(reading: &reader)
    }
}

extension UUID {
    /// The UUID as RFC 9562 wants it written: in lower case.
    package var lowercased: String { uuidString.lowercased() }
}
