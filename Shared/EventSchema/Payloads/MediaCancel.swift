package import Foundation

/// A backend no longer wants an upload: work on it stops, and what it has written is removed.
package struct MediaCancel: EventPayload {
    package static let eventType = "media.cancel"

    package var mediaID: UUID
    /// Why, in words for people; at most 500 bytes.
    package var reason: String?
    package var additional: JSONObject

    package init(mediaID: UUID, reason: String? = nil, additional: JSONObject = [:]) {
        self.mediaID = mediaID
        self.reason = reason
        self.additional = additional
    }

    package init(reading reader: inout ObjectReader) throws(SchemaError) {
        mediaID = try reader.uuid("media_id")
        reason = try reader.optionalText("reason", maximum: 500)
        additional = reader.remaining
    }

    package var json: JSONObject {
        var object = additional
        object["media_id"] = .string(mediaID.lowercased)
        object.set("reason", reason)
        return object
    }
}
