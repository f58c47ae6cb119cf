import EventSchema
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import MediaDomain
import MediaStore
import NIOCore
import Persistence
import PersistenceTesting
import Synchronization
import Testing

@testable import MediaAdmin

@Suite(.timeLimit(.minutes(1)))
struct JobRoutesTests {
    private let jobs = SQLJobTable()
    private let cancels = Cancels()
    private let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
    private let database: any Database

    init() async throws {
        database = try await DatabaseURL.sqlite(path: TestFiles.newPath()).open(logger: logger)
        try await database.migrate([MediaSchema.component])
    }

    /// Remembers what was to be cancelled.
    private final class Cancels: Sendable {
        private let state = Mutex<[CancelRequest]>([])
        var all: [CancelRequest] { state.withLock { $0 } }
        func add(_ request: CancelRequest) { state.withLock { $0.append(request) } }
    }

    private func add(_ number: Int, user: String = "u", media: UUID = UUID()) async throws -> UploadJob {
        let job = UploadJob(
            eventID: UUID(),
            mediaID: media,
            userID: user,
            sourceURI: "/uploads/<b>.mp4",
            receivedAt: Timestamp(milliseconds: Int64(number) * 1000 + 1)
        )
        try await database.write { [jobs] in _ = try jobs.add(job, in: $0) }
        return job
    }

    private func claim() async throws -> JobLease {
        let lease = try await database.write { [jobs] in
            try jobs.claim(by: "node-1", now: .now, until: .now, in: $0)
        }
        return try #require(lease)
    }

    private func answer(
        _ uri: String,
        method: HTTPRequest.Method = .get,
        _ headers: HTTPFields = [:],
        cancelled: Int = 1
    ) async throws -> TestResponse {
        let router = Router()
        let routes = JobRoutes(
            archive: SQLJobArchive(database: database),
            mediaURL: "https://cdn.example.com/media/",
            cancel: { [cancels] request in
                cancels.add(request)
                return cancelled
            },
            logger: logger
        )
        routes.add(to: router)
        return try await Application(router: router).test(.router) { client in
            try await client.execute(uri: uri, method: method, headers: headers)
        }
    }

    private func json(_ response: TestResponse) throws -> JSONObject {
        try #require(try JSONParser.parse(Array(response.body.readableBytesView)).objectValue)
    }

    private func ids(_ object: JSONObject) -> [String] {
        object["jobs"]?.arrayValue?.compactMap { $0.objectValue?["event_id"]?.stringValue } ?? []
    }

    @Test func `jobs are listed newest first, page by page, until there are no more`() async throws {
        var all: [String] = []
        for number in 1...5 { all.append(try await add(number).eventID.lowercased) }
        var seen: [String] = []
        var uri = "/jobs?limit=2"
        for _ in 0..<3 {
            let page = try json(try await answer(uri))
            seen += ids(page)
            uri = page["next"]?.stringValue.map { "/jobs?limit=2&after=\($0)" } ?? ""
        }
        #expect(seen == all.reversed() && uri.isEmpty)
    }

    @Test func `jobs are found by state, user and media`() async throws {
        let media = UUID()
        let first = try await add(1, user: "alice", media: media)
        let second = try await add(2, user: "bob")
        _ = try await claim()
        #expect(ids(try json(try await answer("/jobs?state=running"))) == [first.eventID.lowercased])
        #expect(ids(try json(try await answer("/jobs?state=waiting"))) == [second.eventID.lowercased])
        #expect(ids(try json(try await answer("/jobs?user_id=bob"))) == [second.eventID.lowercased])
        #expect(ids(try json(try await answer("/jobs?media_id=\(media)&user_id=alice"))) == [first.eventID.lowercased])
        #expect(ids(try json(try await answer("/jobs?state=ended"))) == [])
    }

    @Test(arguments: ["state=done", "limit=0", "limit=201", "limit=x", "media_id=7", "after=x", "after=7-x"])
    func `what cannot be asked is refused`(query: String) async throws {
        let response = try await answer("/jobs?\(query)")
        #expect(response.status == .unprocessableContent)
        #expect(try json(response)["detail"]?.stringValue?.hasPrefix("\(query.prefix { $0 != "=" }):") == true)
    }

    @Test func `a job that runs tells its node, its progress and where its pictures are`() async throws {
        let job = try await add(1)
        let lease = try await claim()
        try await database.write { [jobs] transaction in
            _ = try jobs.place(lease, published: "", in: transaction)
            let progress = JobProgress(
                stage: .transcoding,
                percent: 40.5,
                etaSeconds: 3,
                parts: JobProgress.Parts(done: 2, total: 5)
            )
            _ = try jobs.renew(lease, now: .now, until: .now, progress: progress, in: transaction)
        }
        let facts = try json(try await answer("/jobs/\(job.eventID)"))
        #expect(facts["node"] == "node-1" && facts["state"] == "running" && facts["attempts"] == 1)
        #expect(
            facts["progress"]
                == ["stage": "transcoding", "percent": .double(40.5), "eta_s": 3, "parts": ["done": 2, "total": 5]]
        )
        let folder = "https://cdn.example.com/media/\(job.mediaID.lowercased)/r-\(job.eventID.lowercased)/"
        #expect(facts["urls"] == ["thumbnails": .string(folder)])
        let events = facts["history"]?.arrayValue?.compactMap { $0.objectValue?["event"]?.stringValue }
        #expect(events == ["received", "started", "progress"])
    }

    @Test func `a job that failed tells why`() async throws {
        let job = try await add(1)
        let lease = try await claim()
        try await database.write { [jobs] in
            _ = try jobs.finish(lease, .failed(MediaError(.notMedia, "it is a text")), now: .now, in: $0)
        }
        let facts = try json(try await answer("/jobs/\(job.eventID)"))
        #expect(facts["state"] == "ended" && facts["outcome"] == "failed")
        #expect(facts["reason"] == "not_media" && facts["message"] == "it is a text")
        #expect(facts["urls"] == nil && facts["ended_at"] != nil)
    }

    @Test func `what has not changed is not sent again`() async throws {
        _ = try await add(1)
        let first = try await answer("/jobs")
        let tag = try #require(first.headers[.eTag])
        #expect(try await answer("/jobs", [.ifNoneMatch: tag]).status == .notModified)
        _ = try await add(2)
        #expect(try await answer("/jobs", [.ifNoneMatch: tag]).status == .ok)
    }

    @Test func `browsers get a page that loads nothing from elsewhere but pictures of the media`() async throws {
        let page = try await answer("/jobs", [.accept: "text/html,*/*"])
        #expect(page.headers[.contentType] == "text/html; charset=utf-8")
        let policy = try #require(page.headers[.contentSecurityPolicy])
        #expect(policy.contains("default-src 'none'") && policy.contains("script-src 'self';"))
        #expect(policy.contains("img-src 'self' data: https://cdn.example.com;"))
        for name in ["jobs.js", "jobs.css"] { #expect(try await answer("/assets/\(name)").status == .ok) }
    }

    @Test func `a job is cancelled by itself`() async throws {
        let job = try await add(1)
        #expect(try await answer("/jobs/\(job.eventID)/cancel", method: .post).status == .accepted)
        #expect(cancels.all.map(\.eventID) == [job.eventID] && cancels.all.map(\.mediaID) == [job.mediaID])
        #expect(try await answer("/jobs/\(job.eventID)/cancel", method: .post, cancelled: 0).status == .conflict)
    }

    @Test func `pages of other sites cancel nothing`() async throws {
        let job = try await add(1)
        let site = try #require(HTTPField.Name("Sec-Fetch-Site"))
        for headers in [[site: "cross-site"], [.origin: "https://evil.example"], [.origin: "null"]] as [HTTPFields] {
            #expect(try await answer("/jobs/\(job.eventID)/cancel", method: .post, headers).status == .forbidden)
        }
        #expect(cancels.all.isEmpty)
    }

    @Test func `a job that is not there is not found`() async throws {
        #expect(try await answer("/jobs/\(UUID())").status == .notFound)
        #expect(try await answer("/jobs/seven").status == .notFound)
        #expect(try await answer("/jobs/\(UUID())/cancel", method: .post).status == .notFound)
    }
}
