import EventSchema
import Foundation
import MediaDomain
import Persistence

/// The columns of `media_jobs` by which a job is known, in the order in which they are read here.
extension UploadJob {
    static let columns = """
        media_jobs.event_id, media_jobs.media_id, media_jobs.user_id, media_jobs.source_uri, media_jobs.trace_parent,
        media_jobs.trace_state, media_jobs.received_at, coalesce(media_jobs.sent_at, media_jobs.received_at)
        """
    static let columnCount = 8

    init(_ row: SQLRow) throws {
        self.init(
            eventID: try row.uuid(0),
            mediaID: try row.uuid(1),
            userID: try row.text(2),
            sourceURI: try row.text(3),
            traceParent: try row.optionalText(4),
            traceState: try row.optionalText(5),
            sentAt: Timestamp(milliseconds: try row.integer(7)),
            receivedAt: Timestamp(milliseconds: try row.integer(6))
        )
    }
}

extension JobLease {
    var key: [SQLValue] { [.uuid(job.eventID), .integer(token)] }
}

extension SQLValue {
    /// A value as JSON text, in a column that only we read.
    static func json(_ value: (some Encodable)?) -> SQLValue {
        guard let value, let data = try? JSONEncoder().encode(value) else { return .null }
        return .text(String(decoding: data, as: UTF8.self))
    }

    static func time(_ value: Timestamp) -> SQLValue { .integer(value.milliseconds) }
}

extension SQLRow {
    func optionalTime(_ column: Int) throws -> Timestamp? {
        try optionalInteger(column).map(Timestamp.init(milliseconds:))
    }

    /// `nil` also for what another version has written.
    func json<Value: Decodable>(_ column: Int, as _: Value.Type = Value.self) throws -> Value? {
        try optionalText(column).flatMap { try? JSONDecoder().decode(Value.self, from: Data($0.utf8)) }
    }
}
