import EventSchema
import Foundation
import MediaBus
import MediaDomain
import MediaStore
import Persistence
import Testing

/// Whose turn it is, on both databases.
@Suite(.timeLimit(.minutes(2)))
struct FairnessTests {
    private func time(_ seconds: Int64) -> Timestamp { Timestamp(milliseconds: 100_000_000 + seconds * 1000) }

    private func add(_ bench: JobBench, user: String, at seconds: Int64) async throws -> UploadJob {
        let job = UploadJob(
            eventID: UUID(),
            mediaID: UUID(),
            userID: user,
            sourceURI: "/a",
            receivedAt: time(seconds)
        )
        try await bench.add(job)
        return job
    }

    private func claim(_ bench: JobBench, at seconds: Int64) async throws -> JobLease? {
        try await bench.database.write { [jobs = bench.jobs, now = time(seconds), end = time(seconds + 100)] in
            try jobs.claim(by: "w", now: now, until: end, in: $0)
        }
    }

    @Test(arguments: [false, true])
    func `somebody of whom nothing is worked on comes before somebody's second job`(postgres: Bool) async throws {
        let bench = try await JobBench(postgres: postgres)
        for second in 1...3 { _ = try await add(bench, user: "many", at: Int64(second)) }
        _ = try await add(bench, user: "one", at: 9)
        let users = [try await claim(bench, at: 10), try await claim(bench, at: 10), try await claim(bench, at: 10)]
        #expect(users.map(\.?.job.userID) == ["many", "one", "many"])
    }

    @Test(arguments: [false, true])
    func `for whom less was done in the last hour comes first`(postgres: Bool) async throws {
        let bench = try await JobBench(postgres: postgres)
        _ = try await add(bench, user: "heavy", at: 1)
        let lease = try #require(try await claim(bench, at: 2))
        _ = try await bench.database.write { [jobs = bench.jobs, now = time(62)] in
            try jobs.finish(lease, JobEnding(word: "made"), now: now, in: $0)
        }
        _ = try await add(bench, user: "heavy", at: 3)
        _ = try await add(bench, user: "light", at: 4)
        #expect(try await claim(bench, at: 63)?.job.userID == "light")
        // After an hour that is forgotten, and who came first is first.
        _ = try await add(bench, user: "heavier", at: 5)
        let (second, third) = (try await claim(bench, at: 4000), try await claim(bench, at: 4000))
        #expect([second, third].map(\.?.job.userID) == ["heavy", "heavier"])
    }

    @Test(arguments: [false, true])
    func `a job gives way to somebody of whom less is worked on`(postgres: Bool) async throws {
        let bench = try await JobBench(postgres: postgres)
        func hasOthers(than user: String, at seconds: Int64) async throws -> Bool {
            try await bench.database.read { [jobs = bench.jobs, now = time(seconds)] in
                try jobs.hasOthersWaiting(than: user, now: now, in: $0)
            }
        }
        _ = try await add(bench, user: "long", at: 1)
        _ = try await add(bench, user: "long", at: 1)
        let lease = try #require(try await claim(bench, at: 2))
        #expect(try await !hasOthers(than: "long", at: 3))
        _ = try await add(bench, user: "short", at: 5)
        #expect(try await !hasOthers(than: "long", at: 4))
        #expect(try await hasOthers(than: "long", at: 6))
        // It gives way: the other is first, and it goes on afterwards without having lost an attempt.
        _ = try await bench.database.write { [jobs = bench.jobs, now = time(7)] in
            try jobs.giveBack(lease, .yielded, now: now, due: now, in: $0)
        }
        #expect(try await claim(bench, at: 8)?.job.userID == "short")
        #expect(try await hasOthers(than: "short", at: 8))
        let again = try #require(try await claim(bench, at: 8))
        #expect(again.job.userID == "long" && again.attempt == 1)
    }
}
