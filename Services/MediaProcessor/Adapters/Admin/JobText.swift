import EventSchema
import Foundation
import MediaDomain

/// Jobs as JSON.
struct JobText: Sendable {
    private let base: String

    /// - Parameter mediaURL: With or without a slash at its end.
    init(mediaURL: String) {
        base = String(mediaURL.reversed().drop { $0 == "/" }.reversed())
    }

    func object(_ record: JobRecord) -> JSONValue { .object(members(record)) }

    func object(_ record: JobRecord, history: [JobHistoryEntry]) -> JSONObject {
        var object = members(record)
        object["history"] = .array(history.map(Self.object))
        return object
    }

    private func members(_ record: JobRecord) -> JSONObject {
        var object: JSONObject = [
            "event_id": .string(record.job.eventID.lowercased),
            "media_id": .string(record.job.mediaID.lowercased),
            "user_id": .string(record.job.userID),
            "source": .string(record.job.sourceURI),
            "state": .string(record.state.rawValue),
            "attempts": .integer(Int64(record.attempts)),
            "uploaded_at": .string(record.job.sentAt.description),
            "received_at": .string(record.job.receivedAt.description),
            "worked_s": .double(record.worked),
        ]
        object.set("outcome", record.outcome?.rawValue)
        if record.outcome == .failed || record.outcome == .cancelled { object.set("reason", record.word) }
        object.set("message", record.message)
        object.set("node", record.node)
        object.set("started_at", record.startedAt?.description)
        object.set("ended_at", record.endedAt?.description)
        if record.state == .waiting { object["due_at"] = .string(record.dueAt.description) }
        if let progress = record.progress { object["progress"] = .object(Self.members(progress)) }
        if let urls = urls(of: record) { object["urls"] = .object(urls) }
        if let result = record.result {
            object["duration"] = .double(result.duration)
            object["incomplete"] = .bool(result.incomplete)
            object["resolutions"] = .array(result.rungs.map { .string($0) })
        }
        return object
    }

    private static func members(_ progress: JobProgress) -> JSONObject {
        var object: JSONObject = ["stage": .string(progress.stage.rawValue), "percent": .double(progress.percent)]
        object.set("eta_s", progress.etaSeconds)
        if let parts = progress.parts {
            object["parts"] = ["done": .integer(Int64(parts.done)), "total": .integer(Int64(parts.total))]
        }
        return object
    }

    private static func object(_ entry: JobHistoryEntry) -> JSONValue {
        var object = entry.facts
        object["at"] = .string(entry.at.description)
        object["event"] = .string(entry.what.rawValue)
        return .object(object)
    }

    // MARK: Addresses

    /// Where to look at it: what is published, or the pictures of what is being made.
    private func urls(of record: JobRecord) -> JSONObject? {
        let media = "\(base)/\(record.job.mediaID.lowercased)"
        if let result = record.result {
            var urls: JSONObject = [
                "hls": .string("\(media)/\(OutputLayout.hlsMaster)"),
                "dash": .string("\(media)/\(OutputLayout.dashManifest)"),
            ]
            let folder = "\(media)/\(result.prefix)"
            urls.set("poster", result.hasPoster ? folder + OutputLayout.poster : nil)
            urls.set("storyboard", result.hasStoryboard ? folder + OutputLayout.storyboardTrack : nil)
            return urls
        }
        guard record.state == .running, let place = record.place else { return nil }
        var urls: JSONObject = ["thumbnails": .string("\(media)/\(place.prefix)")]
        // Viewers come in by the master playlist from then on.
        urls.set("hls", place.isPublishing ? "\(media)/\(OutputLayout.hlsMaster)" : nil)
        return urls
    }
}
