/// Something is wrong with a live stream.
package struct StreamFailed: EventPayload {
    package static let eventType = "stream.error"

    /// Bytes.
    package static let maximumError = 4096

    package var streamID: String
    /// What is wrong, for people.
    package var error: String
    package var additional: JSONObject

    package init(streamID: String, error: String, additional: JSONObject = [:]) {
        self.streamID = streamID
        self.error = error
        self.additional = additional
    }

    package init(reading reader: inout ObjectReader) throws(SchemaError) {
        streamID = try reader.identifier("stream_id")
        guard let text = try reader.optionalText("error", maximum: Self.maximumError) else {
            throw .missing(reader.path(of: "error"), expected: "string")
        }
        error = text
        additional = reader.remaining
    }

    package var json: JSONObject {
        var object = additional
        object["stream_id"] = .string(streamID)
        object["error"] = .string(error)
        return object
    }
}
