import EventSchema
import Foundation
import MediaBus
import MediaDomain
import MediaStore
import Persistence
import Testing

/// What is told of jobs, on both databases.
@Suite(.timeLimit(.minutes(2)))
struct JobArchiveTests {
    private func add(_ bench: JobBench, at milliseconds: Int64) async throws -> UploadJob {
        let job = UploadJob(
            eventID: UUID(),
            mediaID: UUID(),
            userID: "u",
            sourceURI: "/a",
            receivedAt: Timestamp(milliseconds: milliseconds)
        )
        try await bench.add(job)
        return job
    }

    @Test(arguments: [false, true])
    func `jobs that came at the same time are paged without a gap`(postgres: Bool) async throws {
        let bench = try await JobBench(postgres: postgres)
        var all: Set<UUID> = []
        for number in 0..<7 { all.insert(try await add(bench, at: Int64(number / 4)).eventID) }
        let archive = SQLJobArchive(database: bench.database)
        var (seen, filter): ([UUID], JobFilter) = ([], JobFilter(state: .waiting, userID: "u"))
        while case let page = try await archive.jobs(filter, limit: 2), let last = page.last?.job {
            seen += page.map(\.job.eventID)
            filter.after = JobPosition(receivedAt: last.receivedAt, eventID: last.eventID)
        }
        #expect(seen.count == 7 && Set(seen) == all)
    }

    @Test(arguments: [false, true])
    func `a job is told from its beginning to its end`(postgres: Bool) async throws {
        let bench = try await JobBench(postgres: postgres)
        try await bench.add()
        let lease = try #require(try await bench.ledger("node-1").claim())
        let asset = try bench.asset()
        try await bench.database.write { [jobs = bench.jobs] transaction in
            _ = try jobs.place(lease, published: "", in: transaction)
            for percent in [1.0, 2, 26, 27, 60] {
                let progress = JobProgress(stage: .transcoding, percent: percent)
                _ = try jobs.renew(lease, now: .now, until: .now, progress: progress, in: transaction)
            }
            _ = try jobs.beginPublishing(lease, replacing: "", now: .now, until: .now, in: transaction)
            _ = try jobs.finish(lease, .made(asset), now: .now, in: transaction)
        }
        let (record, history) = try #require(try await SQLJobArchive(database: bench.database).job(bench.job.eventID))
        #expect(record.state == .ended && record.outcome == .ready && record.node == "node-1")
        #expect(record.progress?.percent == 60 && record.result?.rungs == ["720p", "480p"])
        let place = JobPlace(prefix: VersionPrefix.own(of: bench.job.eventID), isPublishing: true, replaces: "")
        #expect(record.place == place)
        // Of the progress, what somebody wants to read: a beginning, and every quarter.
        let expected: [JobHistoryEntry.What] = [
            .received, .started, .progress, .progress, .progress, .publishing, .ended,
        ]
        #expect(history.map(\.what) == expected)
        #expect(history.compactMap { $0.facts["percent"] } == [1, 26, 60])
        #expect(history[1].facts["node"] == "node-1" && history.last?.facts["outcome"] == "made")
    }

    @Test(arguments: [false, true])
    func `however often a job is tried, its history is bounded and has its end`(postgres: Bool) async throws {
        let bench = try await JobBench(postgres: postgres)
        try await bench.add()
        try await bench.database.write { [jobs = bench.jobs] transaction in
            for _ in 0..<210 {
                let lease = try jobs.claim(by: "n", now: .now, until: .now, in: transaction)
                guard let lease else { throw Unclaimed() }
                _ = try jobs.giveBack(lease, .yielded, now: .now, due: Timestamp(milliseconds: 0), in: transaction)
            }
            let lease = try jobs.claim(by: "n", now: .now, until: .now, in: transaction)
            guard let lease else { throw Unclaimed() }
            _ = try jobs.finish(lease, JobEnding(word: "crashed"), now: .now, in: transaction)
        }
        let (record, history) = try #require(try await SQLJobArchive(database: bench.database).job(bench.job.eventID))
        #expect(history.count == 401 && history.last?.what == .ended)
        #expect(record.attempts == 1 && record.outcome == .failed)
    }

    private struct Unclaimed: Error {}

    @Test(arguments: [false, true])
    func `the time of work is counted while it is worked on, and not while it waits`(postgres: Bool) async throws {
        let bench = try await JobBench(postgres: postgres)
        try await bench.add()
        let start = Timestamp.now.milliseconds
        @Sendable func time(_ seconds: Int64) -> Timestamp { Timestamp(milliseconds: start + seconds * 1000) }
        try await bench.database.write { [jobs = bench.jobs] transaction in
            for began in [10, 100] as [Int64] {
                let lease = try jobs.claim(by: "n", now: time(began), until: time(began + 50), in: transaction)
                guard let lease else { throw Unclaimed() }
                _ = try jobs.renew(lease, now: time(began + 3), until: time(200), progress: nil, in: transaction)
                _ = try jobs.giveBack(lease, .interrupted, now: time(began + 5), due: time(0), in: transaction)
            }
        }
        #expect(try await SQLJobArchive(database: bench.database).job(bench.job.eventID)?.0.worked == 10)
    }
}
