import EventSchema
import Foundation
import HTTPTypes
package import Hummingbird
package import Logging
package import MediaDomain
import NIOCore

/// `/jobs` on the admin port: what becomes of uploads, as JSON for programs and as a page for people, which asks again each
/// second.
///
/// Any processor tells of all jobs of its database. Who reaches the port may see and cancel them.
package struct JobRoutes: Sendable {
    /// Cancels jobs, durably; returns how many are ended or will soon be.
    package typealias Cancel = @Sendable (CancelRequest) async throws -> Int

    private let archive: any JobArchive
    private let text: JobText
    private let cancel: Cancel
    private let page: PageAsset
    private let policy: String
    private let logger: Logger

    /// - Parameter mediaURL: Where viewers find media, as `CDN_BASE_URL` says.
    package init(archive: any JobArchive, mediaURL: String, cancel: @escaping Cancel, logger: Logger) {
        self.archive = archive
        self.cancel = cancel
        self.logger = logger
        text = JobText(mediaURL: mediaURL)
        page = PageAsset(PackageResources.jobs_html, type: "text/html; charset=utf-8")
        policy = ContentPolicy.text(mediaURL: mediaURL)
    }

    package func add(to router: Router<some RequestContext>) {
        router.get("/jobs") { request, _ in try await answering(request) { try await list(request) } }
        router.get("/jobs/{event_id}") { request, context in
            try await answering(request) { try await one(request, context.parameters.get("event_id")) }
        }
        router.post("/jobs/{event_id}/cancel") { request, context in
            try await answering(request) { try await cancel(request, context.parameters.get("event_id")) }
        }
        for (path, asset) in Self.assets {
            router.get(path) { request, _ in asset.response(to: request) }
        }
    }

    private static let assets: [(RouterPath, PageAsset)] = [
        ("/assets/jobs.css", PageAsset(PackageResources.jobs_css, type: "text/css; charset=utf-8")),
        ("/assets/jobs.js", PageAsset(PackageResources.jobs_js, type: "text/javascript; charset=utf-8")),
    ]

    /// What is wrong with the request is told; what is wrong with us is told and logged.
    private func answering(_ request: Request, _ work: () async throws -> Response) async throws -> Response {
        do {
            return try await work()
        } catch let refusal as Refusal {
            return refusal.response
        } catch {
            logger.warning("jobs not told", metadata: ["error": "\(error)"])
            return Refusal(.serviceUnavailable, "the database does not answer").response
        }
    }

    // MARK: The routes

    private func list(_ request: Request) async throws -> Response {
        if request.wantsPage {
            var response = page.response(to: request)
            response.headers[.contentSecurityPolicy] = policy
            response.headers[.vary] = "Accept"
            return response
        }
        let query = try JobQuery(request)
        // One more than is shown tells whether there is a next page.
        var jobs = try await archive.jobs(query.filter, limit: query.limit + 1)
        let hasMore = jobs.count > query.limit
        jobs = Array(jobs.prefix(query.limit))
        let next = hasMore ? jobs.last.map { JSONValue.string(JobQuery.cursor(after: $0)) } : nil
        return .json(["jobs": .array(jobs.map(text.object)), "next": next ?? .null], for: request)
    }

    private func one(_ request: Request, _ id: String?) async throws -> Response {
        let (job, history) = try await find(id)
        return .json(text.object(job, history: history), for: request)
    }

    private func cancel(_ request: Request, _ id: String?) async throws -> Response {
        try request.refuseOtherSites()
        let (record, _) = try await find(id)
        // Whatever its clock said: this one is meant.
        let meant = max(Timestamp.now, record.job.sentAt)
        let cancelled = try await cancel(
            CancelRequest(
                mediaID: record.job.mediaID,
                eventID: record.job.eventID,
                reason: "by an operator",
                sentAt: meant
            )
        )
        guard cancelled > 0 else {
            throw Refusal(.conflict, "it has ended already, or is taking the place of what was published")
        }
        return .json(["cancelled": .integer(Int64(cancelled))], status: .accepted, for: request)
    }

    private func find(_ id: String?) async throws -> (JobRecord, [JobHistoryEntry]) {
        guard let eventID = id.flatMap(UUID.init(uuidString:)) else {
            throw Refusal(.notFound, "a job is named by the event_id of its upload, a UUID")
        }
        guard let found = try await archive.job(eventID) else { throw Refusal(.notFound, "there is no such job") }
        return found
    }
}
