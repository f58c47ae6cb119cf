import EventSchema
import Foundation
import MediaBus
import MediaDomain
import MediaStore
import Persistence
import Testing

@Suite(.timeLimit(.minutes(2)))
struct JobTableTests {
    private func claim(_ bench: JobBench, at milliseconds: Int64, lasting: Int64 = 1000) async throws -> JobLease? {
        try await bench.database.write { [jobs = bench.jobs] transaction in
            try jobs.claim(
                by: "w",
                now: Timestamp(milliseconds: milliseconds),
                until: Timestamp(milliseconds: milliseconds + lasting),
                in: transaction
            )
        }
    }

    private func job(of media: UUID = UUID(), at milliseconds: Int64) -> UploadJob {
        UploadJob(
            eventID: UUID(),
            mediaID: media,
            userID: "u",
            sourceURI: "/a",
            receivedAt: Timestamp(milliseconds: milliseconds)
        )
    }

    @Test(arguments: [false, true])
    func `a job is leased once, and again when the lease ran out`(postgres: Bool) async throws {
        let bench = try await JobBench(postgres: postgres)
        let job = job(at: 0)
        try await bench.add(job)
        try await bench.add(job)
        let first = try #require(try await claim(bench, at: 10))
        #expect(first.job == job && first.token == 1 && first.attempt == 1 && !first.isTakeOver)
        #expect(try await claim(bench, at: 20) == nil)
        let second = try #require(try await claim(bench, at: 1011))
        #expect(second.token == 2 && second.attempt == 2 && second.isTakeOver)
    }

    @Test(arguments: [false, true])
    func `only the last lease may renew, finish or give back`(postgres: Bool) async throws {
        let bench = try await JobBench(postgres: postgres)
        try await bench.add(job(at: 0))
        let stale = try #require(try await claim(bench, at: 10))
        let held = try #require(try await claim(bench, at: 2000))
        let later = Timestamp(milliseconds: 9000)
        let results = try await bench.database.write { [jobs = bench.jobs] transaction in
            [
                try jobs.renew(stale, now: later, until: later, progress: nil, in: transaction) == .held,
                try jobs.finish(stale, JobEnding(word: "made"), now: later, in: transaction),
                try jobs.giveBack(stale, .interrupted, now: later, due: later, in: transaction),
                try jobs.place(stale, published: nil, in: transaction) != nil,
                try jobs.beginPublishing(stale, replacing: nil, now: later, until: later, in: transaction),
                try jobs.renew(held, now: later, until: later, progress: nil, in: transaction) == .held,
                try jobs.finish(held, JobEnding(word: "made"), now: later, in: transaction),
                try jobs.finish(held, JobEnding(word: "made"), now: later, in: transaction),
            ]
        }
        #expect(results == [false, false, false, false, false, true, true, false])
        #expect(try await claim(bench, at: 10_000) == nil)
    }

    @Test(arguments: [false, true])
    func `jobs of one media run one after the other, in the order in which they came`(postgres: Bool) async throws {
        let bench = try await JobBench(postgres: postgres)
        let media = UUID()
        let (first, second, other) = (job(of: media, at: 1), job(of: media, at: 2), job(at: 3))
        for job in [second, other, first] { try await bench.add(job) }
        let running = try #require(try await claim(bench, at: 10))
        #expect(running.job == first)
        #expect(try await claim(bench, at: 11)?.job == other)
        #expect(try await claim(bench, at: 12) == nil)
        _ = try await bench.database.write { [jobs = bench.jobs] in
            try jobs.finish(running, JobEnding(word: "made"), now: Timestamp(milliseconds: 13), in: $0)
        }
        #expect(try await claim(bench, at: 14)?.job == second)
    }

    @Test(arguments: [false, true])
    func `workers that race share the jobs`(postgres: Bool) async throws {
        let bench = try await JobBench(postgres: postgres)
        for number in 0..<40 { try await bench.add(job(at: Int64(number))) }
        let leases = try await withThrowingTaskGroup(of: [JobLease].self) { group in
            for owner in 0..<8 {
                group.addTask {
                    var leases: [JobLease] = []
                    while let lease = try await bench.ledger("w\(owner)").claim() { leases.append(lease) }
                    return leases
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(Set(leases.map(\.job.eventID)).count == 40)
        #expect(leases.count == 40)
    }
}
