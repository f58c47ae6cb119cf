import EventSchema
import Foundation
import Messaging

/// A message as a real publisher put it on the wire, captured by `Tests/EndToEnd/php/capture.py`.
enum CapturedMessage {
    private static let folder = URL(filePath: #filePath)
        .deletingLastPathComponent().appending(path: "../Fixtures/Publishers").standardized

    static func read(_ name: String) throws -> Message {
        let text = try String(contentsOf: folder.appending(path: "\(name).json"), encoding: .utf8)
        let document = try JSONParser.parse(text)
        let properties = document["properties"]
        return Message(
            body: Array(document["body"]?.stringValue?.utf8 ?? "".utf8),
            contentType: properties?["content_type"]?.stringValue,
            messageID: properties?["message_id"]?.stringValue,
            type: properties?["type"]?.stringValue,
            appID: properties?["app_id"]?.stringValue,
            correlationID: properties?["correlation_id"]?.stringValue,
            timestamp: properties?["timestamp"]?.integerValue.map { Timestamp(milliseconds: $0 * 1000) },
            headers: properties?["headers"]?.objectValue ?? [:]
        )
    }
}

extension Delivery {
    init(_ message: Message, key: String = "realtime.broadcast") {
        self.init(
            message: message,
            source: Destination(exchange: Topology.Exchange.events, routingKey: key),
            queue: Topology.Queue.realtimeEvents,
            redelivered: false
        )
    }
}

extension EventDecoder {
    func envelope(of message: Message, key: String = "realtime.broadcast") throws(SchemaError) -> Envelope {
        try envelope(of: Delivery(message, key: key))
    }

    /// What is wrong with a message; `nil` if nothing is.
    func problem(with message: Message) -> SchemaError? {
        do throws(SchemaError) {
            _ = try envelope(of: message)
            return nil
        } catch {
            return error
        }
    }
}

extension Message {
    init(_ text: String, contentType: String? = nil, messageID: String? = nil, headers: JSONObject = [:]) {
        self.init(body: Array(text.utf8), contentType: contentType, messageID: messageID, headers: headers)
    }
}
