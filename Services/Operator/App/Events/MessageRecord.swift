import EventSchema
import Foundation
import Messaging

/// A message as one line of JSON, with all that it takes to publish it again.
struct MessageRecord: Sendable, Hashable {
    var message: Message
    /// Where it was published.
    var source: Destination

    /// The message as a service would be given it.
    var delivery: Delivery {
        Delivery(message: message, source: source, queue: source.routingKey, redelivered: false)
    }

    /// The line's content; a body that is not UTF-8 is in base64.
    var json: JSONObject {
        var object: JSONObject = [
            "exchange": .string(source.exchange), "routing_key": .string(source.routingKey),
            "headers": .object(message.headers),
        ]
        object.set("content_type", message.contentType)
        object.set("content_encoding", message.contentEncoding)
        object.set("message_id", message.messageID)
        object.set("type", message.type)
        object.set("app_id", message.appID)
        object.set("correlation_id", message.correlationID)
        object.set("reply_to", message.replyTo)
        if let priority = message.priority { object["priority"] = .integer(Int64(priority)) }
        object.set("timestamp", message.timestamp?.description)
        if let text = String(validating: message.body, as: UTF8.self) {
            object["body"] = .string(text)
        } else {
            object["body_base64"] = .string(Data(message.body).base64EncodedString())
        }
        return object
    }

    init(message: Message, source: Destination) {
        self.message = message
        self.source = source
    }

    /// Reads a line of `dead-letters export`, or an event as `events tail --json` shows it.
    init(_ value: JSONValue) throws(SchemaError) {
        guard let object = value.objectValue, object["body"] != nil || object["body_base64"] != nil else {
            let envelope = try Envelope(value)
            message = Message(envelope)
            source = Destination(exchange: Topology.Exchange.events, routingKey: envelope.eventType)
            return
        }
        var reader = try ObjectReader(value, at: "")
        let text = try reader.optionalString("body")
        let base64 = try reader.optionalString("body_base64")
        guard let body = text.map({ Array($0.utf8) }) ?? base64.flatMap({ Data(base64Encoded: $0) }).map(Array.init)
        else {
            throw .invalid("body_base64", "expected base64")
        }
        source = Destination(
            exchange: try reader.optionalString("exchange") ?? "",
            routingKey: try reader.optionalString("routing_key") ?? ""
        )
        message = Message(
            body: body,
            contentType: try reader.optionalString("content_type"),
            contentEncoding: try reader.optionalString("content_encoding"),
            messageID: try reader.optionalString("message_id"),
            type: try reader.optionalString("type"),
            appID: try reader.optionalString("app_id"),
            correlationID: try reader.optionalString("correlation_id"),
            replyTo: try reader.optionalString("reply_to"),
            priority: try Self.priority(object["priority"]),
            timestamp: try reader.optionalString("timestamp").flatMap { Timestamp($0) },
            headers: object["headers"]?.objectValue ?? [:]
        )
    }

    private static func priority(_ value: JSONValue?) throws(SchemaError) -> UInt8? {
        guard let value, value != .null else { return nil }
        guard let priority = value.integerValue.flatMap({ UInt8(exactly: $0) }) else {
            throw .invalid("priority", "expected a whole number from 0 to 255")
        }
        return priority
    }
}
