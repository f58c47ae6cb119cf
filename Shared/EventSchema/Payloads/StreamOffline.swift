/// A live stream has ended.
package struct StreamOffline: EventPayload {
    package static let eventType = "stream.offline"

    package var streamID: String
    /// How long it was, in seconds.
    package var duration: Double?
    package var endedAt: Timestamp
    package var additional: JSONObject

    package init(streamID: String, duration: Double?, endedAt: Timestamp, additional: JSONObject = [:]) {
        self.streamID = streamID
        self.duration = duration
        self.endedAt = endedAt
        self.additional = additional
    }

    package init(reading reader: inout ObjectReader) throws(SchemaError) {
        streamID = try reader.identifier("stream_id")
        duration = try reader.optionalNumber("duration")
        if let duration, duration < 0 || !duration.isFinite {
            throw .invalid(reader.path(of: "duration"), "expected seconds, at least 0")
        }
        endedAt = try reader.timestamp("ended_at")
        additional = reader.remaining
    }

    package var json: JSONObject {
        var object = additional
        object["stream_id"] = .string(streamID)
        object.set("duration", duration)
        object["ended_at"] = .string(endedAt.description)
        return object
    }
}
