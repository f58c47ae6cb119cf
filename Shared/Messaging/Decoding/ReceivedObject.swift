import Crypto
import EventSchema
import Foundation

/// A message whose body is one JSON object, with what stands in for what the object does not say.
struct ReceivedObject {
    let members: JSONObject
    let message: Message
    private let routingKey: String
    private let now: @Sendable () -> Timestamp

    init(_ delivery: Delivery, now: @escaping @Sendable () -> Timestamp) throws(SchemaError) {
        message = delivery.message
        routingKey = delivery.publishedKey
        self.now = now
        let value = try MessageBody.parse(message.body)
        guard case .object(let members) = value else { throw .noObject(value) }
        self.members = members
    }

    /// Whether the object has a member that is not `null`.
    func has(_ name: String) -> Bool {
        members[name].map { $0 != .null } ?? false
    }

    /// The object as an envelope of ours, which may lack its id and nothing else.
    func envelope() throws(SchemaError) -> Envelope {
        var members = members
        if !has("event_id") { members["event_id"] = .string(eventID.lowercased) }
        return try Envelope(.object(members))
    }

    // MARK: What stands in

    /// The id of an event that does not say it itself.
    ///
    /// It follows from the message's id; where there is none, from the body, the routing key and the AMQP timestamp: two
    /// messages that agree in all of these are one event.
    var eventID: UUID {
        if let id = message.messageID, !id.isEmpty { return .eventID(id, of: "message") }
        var hash = SHA256()
        hash.update(data: message.body)
        hash.update(data: Array(routingKey.utf8))
        // Without it, two notifications in the same words would be one, a day apart.
        if let timestamp = message.timestamp { hash.update(data: Array(timestamp.description.utf8)) }
        let digits = hash.finalize().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
        return .derived(from: .events, "content \(digits.joined())")
    }

    /// The time of an event that does not say it itself.
    var timestamp: Timestamp { message.timestamp ?? now() }

    /// The publisher as the message names it, or `fallback`.
    func source(or fallback: String) -> String {
        guard let source = message.appID, !source.isEmpty else { return fallback }
        return source
    }
}

extension SchemaError {
    fileprivate static func noObject(_ value: JSONValue) -> SchemaError {
        switch value {
        case .string(let text):
            SchemaError(
                .unsupportedFormat,
                PHPSerialized(in: text.utf8)?.advice
                    ?? "the body is a JSON string: it was encoded twice, encode the event once"
            )
        case .array(let elements) where elements.contains { $0["specversion"] != nil }:
            SchemaError(.unsupportedFormat, "the body is a batch of CloudEvents: publish each in a message of its own")
        default: .mismatch("envelope", expected: "object", got: value)
        }
    }
}
