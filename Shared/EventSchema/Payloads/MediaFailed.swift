package import Foundation

/// An upload will not become playable.
package struct MediaFailed: EventPayload {
    package static let eventType = "media.failed"

    package var mediaID: UUID
    package var userID: String?
    /// One word of a documented, stable list, for programs: `not_media`.
    package var reason: String
    /// A sentence for people.
    package var message: String
    /// Whether the same upload may succeed if it is announced again.
    package var retryable: Bool
    package var additional: JSONObject

    package init(
        mediaID: UUID,
        userID: String? = nil,
        reason: String,
        message: String,
        retryable: Bool,
        additional: JSONObject = [:]
    ) {
        self.mediaID = mediaID
        self.userID = userID
        self.reason = reason
        self.message = message
        self.retryable = retryable
        self.additional = additional
    }

    package init(reading reader: inout ObjectReader) throws(SchemaError) {
        mediaID = try reader.uuid("media_id")
        userID = try reader.optionalIdentifier("user_id")
        reason = try reader.string("reason")
        message = try reader.string("message")
        retryable = try reader.bool("retryable")
        additional = reader.remaining
    }

    package var json: JSONObject {
        var object = additional
        object["media_id"] = .string(mediaID.lowercased)
        object.set("user_id", userID)
        object["reason"] = .string(reason)
        object["message"] = .string(message)
        object["retryable"] = .bool(retryable)
        return object
    }
}
