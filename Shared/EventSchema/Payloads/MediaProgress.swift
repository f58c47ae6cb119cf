package import Foundation

/// How far the work on an upload is.
///
/// Sent often, kept nowhere: a lost one is made good by the next.
package struct MediaProgress: EventPayload {
    package static let eventType = "media.progress"

    package var mediaID: UUID
    /// The owner; tells the gateway whom to show it besides those who watch the media.
    package var userID: String?
    /// What is being done: `probing`, `transcoding`, `packaging`, `publishing`.
    package var stage: String
    /// Of the whole job, 0 to 100.
    package var percent: Double
    /// Seconds until it is done, as far as can be told.
    package var etaSeconds: Double?
    /// Where the media can be watched while the rest is still being made; `nil` as long as it cannot.
    package var playableURL: String?
    package var additional: JSONObject

    package init(
        mediaID: UUID,
        userID: String? = nil,
        stage: String,
        percent: Double,
        etaSeconds: Double? = nil,
        playableURL: String? = nil,
        additional: JSONObject = [:]
    ) {
        self.mediaID = mediaID
        self.userID = userID
        self.stage = stage
        self.percent = percent
        self.etaSeconds = etaSeconds
        self.playableURL = playableURL
        self.additional = additional
    }

    package init(reading reader: inout ObjectReader) throws(SchemaError) {
        mediaID = try reader.uuid("media_id")
        userID = try reader.optionalIdentifier("user_id")
        stage = try reader.string("stage")
        percent = try reader.number("percent")
        guard (0...100).contains(percent) else { throw .invalid(reader.path(of: "percent"), "must be 0 to 100") }
        etaSeconds = try reader.optionalNumber("eta_s")
        playableURL = try reader.optionalString("playable_url")
        additional = reader.remaining
    }

    package var json: JSONObject {
        var object = additional
        object["media_id"] = .string(mediaID.lowercased)
        object.set("user_id", userID)
        object["stage"] = .string(stage)
        object["percent"] = .double(percent)
        object.set("eta_s", etaSeconds)
        object.set("playable_url", playableURL)
        return object
    }
}
