/// A live stream can be watched from now on.
package struct StreamLive: EventPayload {
    package static let eventType = "stream.live"

    /// Bytes.
    package static let maximumTitle = ConversationUpdated.maximumName

    package var streamID: String
    /// Empty for a stream without one.
    package var title: String
    package var startedAt: Timestamp
    package var additional: JSONObject

    package init(streamID: String, title: String, startedAt: Timestamp, additional: JSONObject = [:]) {
        self.streamID = streamID
        self.title = title
        self.startedAt = startedAt
        self.additional = additional
    }

    package init(reading reader: inout ObjectReader) throws(SchemaError) {
        streamID = try reader.identifier("stream_id")
        title = try reader.optionalText("title", maximum: Self.maximumTitle) ?? ""
        startedAt = try reader.timestamp("started_at")
        additional = reader.remaining
    }

    package var json: JSONObject {
        var object = additional
        object["stream_id"] = .string(streamID)
        object["title"] = .string(title)
        object["started_at"] = .string(startedAt.description)
        return object
    }
}
