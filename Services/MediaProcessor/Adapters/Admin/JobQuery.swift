import EventSchema
import Foundation
import Hummingbird
import MediaDomain

/// The query of `GET /jobs`: `state`, `user_id`, `media_id`, `limit`, `after`.
struct JobQuery {
    private static let limits = 1...200
    private static let usualLimit = 50

    let filter: JobFilter
    let limit: Int

    /// - Throws: ``Refusal`` with 422 for what cannot be asked.
    init(_ request: Request) throws(Refusal) {
        let parameters = request.uri.queryParameters
        func value(_ name: String) -> String? { parameters[name[...]].flatMap { $0.isEmpty ? nil : String($0) } }

        var filter = JobFilter(userID: value("user_id").map { String($0.prefix(255)) })
        if let word = value("state") {
            guard let state = JobRecord.State(rawValue: word) else {
                let states = JobRecord.State.allCases.map(\.rawValue).joined(separator: ", ")
                throw Refusal(.unprocessableContent, "state: expected one of \(states)")
            }
            filter.state = state
        }
        if let text = value("media_id") {
            guard let id = UUID(uuidString: text) else {
                throw Refusal(.unprocessableContent, "media_id: expected a UUID")
            }
            filter.mediaID = id
        }
        if let text = value("after") {
            guard let position = Self.position(text) else {
                throw Refusal(.unprocessableContent, "after: expected what `next` said")
            }
            filter.after = position
        }
        limit = try Self.limit(value("limit"))
        self.filter = filter
    }

    private static func limit(_ text: String?) throws(Refusal) -> Int {
        guard let text else { return usualLimit }
        guard let limit = Int(text), limits.contains(limit) else {
            throw Refusal(.unprocessableContent, "limit: expected \(limits.lowerBound) to \(limits.upperBound)")
        }
        return limit
    }

    // MARK: The cursor

    /// Says where the page that ends with `job` ends.
    static func cursor(after job: JobRecord) -> String {
        "\(job.job.receivedAt.milliseconds)-\(job.job.eventID.lowercased)"
    }

    private static func position(_ text: String) -> JobPosition? {
        let parts = text.split(separator: "-", maxSplits: 1)
        guard parts.count == 2, let time = Int64(parts[0]), let id = UUID(uuidString: String(parts[1])) else {
            return nil
        }
        return JobPosition(receivedAt: Timestamp(milliseconds: time), eventID: id)
    }
}
