/// A backend's own event for everybody on a topic.
package struct RealtimeBroadcast: EventPayload {
    package static let eventType = "realtime.broadcast"

    /// The topic as Phoenix clients join it: `chat:room:42`.
    package var topic: String
    package var event: String
    package var payload: JSONObject
    package var additional: JSONObject

    package init(topic: String, event: String, payload: JSONObject, additional: JSONObject = [:]) {
        self.topic = topic
        self.event = event
        self.payload = payload
        self.additional = additional
    }

    package init(reading reader: inout ObjectReader) throws(SchemaError) {
        topic = try reader.identifier("topic")
        event = try reader.identifier("event")
        payload = try reader.object("payload")
        additional = reader.remaining
    }

    package var json: JSONObject {
        var object = additional
        object["topic"] = .string(topic)
        object["event"] = .string(event)
        object["payload"] = .object(payload)
        return object
    }
}
