package import EventSchema
package import Foundation

/// One upload to make playable.
package struct MediaJob: Sendable, Hashable, Codable {
    /// The upload's event: a job for the same event is the same job.
    package var eventID: UUID
    package var mediaID: UUID
    /// The upload's `file_path`, for the record; the file itself comes open.
    package var sourceURI: String
    /// When the upload was announced, by the backend's clock; `nil` if nobody did.
    package var uploadedAt: String?
    package var settings: TranscodeSettings
    /// Where renditions and pictures go, relative to the media's folder: empty, or a folder's name and a slash.
    package var prefix: String
    /// Whether another version of the media is published, which serves until this one is whole.
    package var isReplacement = false

    package init(
        eventID: UUID,
        mediaID: UUID,
        sourceURI: String,
        uploadedAt: Timestamp? = nil,
        settings: TranscodeSettings,
        prefix: String = ""
    ) {
        self.eventID = eventID
        self.mediaID = mediaID
        self.sourceURI = sourceURI
        self.uploadedAt = uploadedAt?.description
        self.settings = settings
        self.prefix = prefix
    }
}
