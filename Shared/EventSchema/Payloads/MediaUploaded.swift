package import Foundation

/// A backend has stored a user's file and wants it playable.
package struct MediaUploaded: EventPayload {
    package static let eventType = "media.uploaded"

    package var mediaID: UUID
    /// The owner, as the backend names users and as the `sub` of their tokens.
    package var userID: String
    /// Where the file lies: an absolute path, `file:///...`, `s3://bucket/key` or `https://...`.
    package var filePath: String
    /// What the uploader claimed; the processor trusts only the bytes.
    package var contentType: String
    /// Bytes.
    package var fileSize: Int64
    package var metadata: JSONObject
    package var additional: JSONObject

    package init(
        mediaID: UUID,
        userID: String,
        filePath: String,
        contentType: String,
        fileSize: Int64,
        metadata: JSONObject = [:],
        additional: JSONObject = [:]
    ) {
        self.mediaID = mediaID
        self.userID = userID
        self.filePath = filePath
        self.contentType = contentType
        self.fileSize = fileSize
        self.metadata = metadata
        self.additional = additional
    }

    package init(reading reader: inout ObjectReader) throws(SchemaError) {
        mediaID = try reader.uuid("media_id")
        userID = try reader.identifier("user_id")
        filePath = try reader.string("file_path")
        contentType = try reader.string("content_type")
        fileSize = try reader.integer("file_size")
        guard fileSize >= 0 else { throw .invalid(reader.path(of: "file_size"), "may not be negative") }
        metadata = try reader.optionalObject("metadata") ?? [:]
        additional = reader.remaining
    }

    package var json: JSONObject {
        var object = additional
        object["media_id"] = .string(mediaID.lowercased)
        object["user_id"] = .string(userID)
        object["file_path"] = .string(filePath)
        object["content_type"] = .string(contentType)
        object["file_size"] = .integer(fileSize)
        object["metadata"] = .object(metadata)
        return object
    }
}
