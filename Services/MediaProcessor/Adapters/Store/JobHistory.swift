import EventSchema
import Foundation
import MediaDomain
import Persistence

/// What happened to jobs, appended only.
///
/// Whoever notes something has changed the job's own row before, in the same transaction, so that two never count alike.
enum JobHistory {
    /// Entries of one job; its end is noted beyond that.
    static let maximum = 400

    static func note(
        _ what: JobHistoryEntry.What,
        of eventID: UUID,
        at now: Timestamp,
        _ facts: JSONObject = [:],
        in transaction: SQLTransaction
    ) throws {
        let limit = what == .ended ? maximum + 1 : maximum
        try transaction.execute(
            """
            INSERT INTO media_job_history (event_id, number, at, what, facts)
            SELECT $1, last + 1, $2, $3, $4
            FROM (SELECT coalesce(max(number), 0) AS last FROM media_job_history WHERE event_id = $5) AS history
            WHERE last < \(limit)
            ON CONFLICT DO NOTHING
            """,
            [
                .uuid(eventID), .time(now), .text(what.rawValue),
                .text(String(decoding: JSONValue.object(facts).encoded, as: UTF8.self)), .uuid(eventID),
            ]
        )
    }

    static func entries(of eventID: UUID, in transaction: SQLTransaction) throws -> [JobHistoryEntry] {
        try transaction.query(
            "SELECT at, what, facts FROM media_job_history WHERE event_id = $1 ORDER BY number",
            [.uuid(eventID)]
        )
        .compactMap { row in
            // A word of a newer version means nothing to us.
            guard let what = JobHistoryEntry.What(rawValue: try row.text(1)) else { return nil }
            let facts = try? JSONParser.parse(Array(try row.text(2).utf8)).objectValue
            return JobHistoryEntry(at: Timestamp(milliseconds: try row.integer(0)), what: what, facts: facts ?? [:])
        }
    }
}

extension JobProgress {
    /// The facts of a history entry.
    var facts: JSONObject {
        var facts: JSONObject = ["stage": .string(stage.rawValue), "percent": .double(percent)]
        if let parts { facts["parts"] = ["done": .integer(Int64(parts.done)), "total": .integer(Int64(parts.total))] }
        return facts
    }

    /// Whether somebody who reads the history wants to know of it: a new stage, another quarter.
    func isMilestone(after last: JobProgress?) -> Bool {
        guard let last else { return true }
        return last.stage != stage || Int(last.percent / 25) < Int(percent / 25)
    }
}
