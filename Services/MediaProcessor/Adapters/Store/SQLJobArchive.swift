import EventSchema
package import Foundation
package import MediaDomain
package import Persistence

/// Tells of the jobs in the table that all processors share.
package struct SQLJobArchive: JobArchive {
    private let database: any Database

    package init(database: any Database) {
        self.database = database
    }

    package func jobs(_ filter: JobFilter, limit: Int) async throws -> [JobRecord] {
        let (condition, arguments) = Self.condition(filter)
        return try await database.read { transaction in
            try transaction.query(
                """
                SELECT \(Self.columns) FROM media_jobs\(condition)
                ORDER BY received_at DESC, event_id DESC LIMIT \(limit)
                """,
                arguments
            )
            .map(JobRecord.init(row:))
        }
    }

    package func job(_ eventID: UUID) async throws -> (JobRecord, [JobHistoryEntry])? {
        try await database.read { transaction in
            let rows = try transaction.query(
                "SELECT \(Self.columns) FROM media_jobs WHERE event_id = $1",
                [.uuid(eventID)]
            )
            guard let row = rows.first else { return nil }
            return (try JobRecord(row: row), try JobHistory.entries(of: eventID, in: transaction))
        }
    }

    private static let columns = """
        \(UploadJob.columns), state, outcome, message, attempts, owner, started_at, ended_at, due_at, prefix,
        is_publishing, replaces, progress, result, worked
        """

    private static func condition(_ filter: JobFilter) -> (String, [SQLValue]) {
        var (terms, arguments): ([String], [SQLValue]) = ([], [])
        func add(_ term: (String) -> String, _ value: SQLValue) {
            arguments.append(value)
            terms.append(term("$\(arguments.count)"))
        }
        if let state = filter.state { add({ "state = \($0)" }, .text(state.rawValue)) }
        if let user = filter.userID { add({ "user_id = \($0)" }, .text(user)) }
        if let media = filter.mediaID { add({ "media_id = \($0)" }, .uuid(media)) }
        if let after = filter.after {
            // Numbered in the order in which they appear first.
            arguments += [.time(after.receivedAt), .uuid(after.eventID)]
            terms.append("(received_at, event_id) < ($\(arguments.count - 1), $\(arguments.count))")
        }
        return (terms.isEmpty ? "" : " WHERE \(terms.joined(separator: " AND "))", arguments)
    }
}

extension JobRecord {
    fileprivate init(row: SQLRow) throws {
        let next = UploadJob.columnCount
        self.init(
            job: try UploadJob(row),
            state: State(rawValue: try row.text(next)) ?? .ended,
            word: try row.optionalText(next + 1),
            message: try row.optionalText(next + 2),
            attempts: try row.int(next + 3),
            node: try row.optionalText(next + 4),
            startedAt: try row.optionalTime(next + 5),
            endedAt: try row.optionalTime(next + 6),
            dueAt: Timestamp(milliseconds: try row.integer(next + 7)),
            place: try JobPlace(row, at: next + 8),
            progress: try row.json(next + 11),
            result: try row.json(next + 12),
            worked: Double(try row.integer(next + 13)) / 1000
        )
    }
}
