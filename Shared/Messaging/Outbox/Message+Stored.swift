import EventSchema
import Persistence

extension Message {
    /// Everything but the body, as JSON, for a column.
    var storedProperties: String {
        var properties: JSONObject = [:]
        properties.set("content_type", contentType)
        properties.set("content_encoding", contentEncoding)
        properties.set("message_id", messageID)
        properties.set("type", type)
        properties.set("app_id", appID)
        properties.set("correlation_id", correlationID)
        properties.set("reply_to", replyTo)
        if let priority { properties["priority"] = .integer(Int64(priority)) }
        if let timestamp { properties["timestamp"] = .integer(timestamp.milliseconds) }
        if !headers.isEmpty { properties["headers"] = .object(headers) }
        return JSONValue.object(properties).description
    }

    init(storedProperties text: String, body: [UInt8]) throws(DatabaseError) {
        let properties: JSONObject
        do throws(JSONError) {
            properties = try JSONParser.parse(Array(text.utf8)).objectValue ?? [:]
        } catch {
            throw DatabaseError(.mismatch, "the properties of an outbox row are not JSON: \(error)")
        }
        self.init(
            body: body,
            contentType: properties["content_type"]?.stringValue,
            contentEncoding: properties["content_encoding"]?.stringValue,
            messageID: properties["message_id"]?.stringValue,
            type: properties["type"]?.stringValue,
            appID: properties["app_id"]?.stringValue,
            correlationID: properties["correlation_id"]?.stringValue,
            replyTo: properties["reply_to"]?.stringValue,
            priority: properties["priority"]?.integerValue.flatMap { UInt8(exactly: $0) },
            timestamp: properties["timestamp"]?.integerValue.map { Timestamp(milliseconds: $0) },
            headers: properties["headers"]?.objectValue ?? [:]
        )
    }
}
