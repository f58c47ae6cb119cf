import EventSchema
import Foundation
import MediaBus
import MediaDomain
import MediaStore
import Messaging
import ObjectStorage
import Persistence
import Testing

@Suite(.timeLimit(.minutes(2)))
struct JobWorkerTests {
    /// Adds the bench's job, leases it and has `runner` work on it.
    private func work(_ bench: JobBench, _ runner: ScriptedRunner) async throws {
        try await bench.add()
        let lease = try #require(try await bench.ledger().claim())
        try await bench.whilePublishing {
            await bench.worker(runner).work(lease)
            try await bench.publisher.untilEnds()
        }
    }

    @Test func `an upload that was made is announced with its URLs and its trace`() async throws {
        let bench = try await JobBench()
        try await work(bench, ScriptedRunner([.made(try bench.asset())]))
        let base = "https://cdn.example.com/media/\(bench.job.mediaID.uuidString.lowercased())"
        let ready = try #require(try bench.publisher.payloads(MediaReady.self).first)
        #expect(ready.playbackURLs.hls == "\(base)/master.m3u8" && ready.playbackURLs.dash == "\(base)/manifest.mpd")
        #expect(ready.thumbnailURLs == ["\(base)/thumb_1.jpg", "\(base)/thumb_2.jpg"])
        #expect(ready.userID == "user-1" && ready.resolutions == ["720p", "480p"] && ready.duration == 4)
        let message = try #require(bench.publisher.messages.last)
        #expect(message.messageID == UUID.derived(from: bench.job.eventID, "media.ready").lowercased)
        #expect(message.headers["traceparent"] == bench.job.traceParent.map(JSONValue.string))
        #expect(try await bench.state() == "ended")
    }

    @Test func `an upload that failed is announced with its reason`() async throws {
        let bench = try await JobBench()
        let error = MediaError(.crashed, "the worker process died", retryable: true)
        try await work(bench, ScriptedRunner([.failed(error)]))
        let failed = try #require(try bench.publisher.payloads(MediaFailed.self).first)
        #expect(failed.reason == "crashed" && failed.message == "the worker process died" && failed.retryable)
        #expect(bench.publisher.ends == ["media.failed"])
    }

    @Test func `progress is announced while it is worked on, and before the end`() async throws {
        let reports = [1.0, 20, 60].map { JobProgress(stage: .transcoding, percent: $0, etaSeconds: 3) }
        let bench = try await JobBench()
        try await work(bench, ScriptedRunner([.failed(MediaError(.notMedia, "no"))], reports: reports))
        let progress = try bench.publisher.payloads(MediaProgress.self)
        #expect(progress.last?.percent == 60 && progress.last?.stage == "transcoding" && progress.last?.etaSeconds == 3)
        #expect(progress.map(\.percent) == progress.map(\.percent).sorted())
        #expect(bench.publisher.envelopes.last?.eventType == "media.failed")
    }

    @Test func `a media that is made already is announced without work`() async throws {
        let bench = try await JobBench()
        let asset = try bench.asset()
        let key = try #require(ObjectKey("\(asset.mediaID)/asset.json"))
        try await bench.store.put(try asset.encoded, at: key, .forKey(key))
        let runner = ScriptedRunner([.interrupted])
        try await work(bench, runner)
        #expect(runner.jobs.isEmpty)
        #expect(bench.publisher.ends == ["media.ready"])
    }

    @Test func `trouble with the store is tried again, and then is a failure`() async throws {
        let bench = try await JobBench()
        try await bench.add()
        let error = MediaError(.storageFailed, "disk full", retryable: true)
        let worker = bench.worker(ScriptedRunner([.failed(error)]))
        for attempt in 1...3 {
            await worker.work(
                JobLease(job: bench.job, token: try await bench.claimNow(), attempt: attempt, isTakeOver: false)
            )
            #expect(try await bench.state() == "waiting")
        }
        try await bench.whilePublishing {
            await worker.work(
                JobLease(job: bench.job, token: try await bench.claimNow(), attempt: 4, isTakeOver: false)
            )
            try await bench.publisher.untilEnds()
        }
        #expect(try bench.publisher.payloads(MediaFailed.self).map(\.reason) == ["storage_failed"])
    }

    @Test func `an interrupted job is given back and does not count as an attempt`() async throws {
        let bench = try await JobBench()
        try await bench.add()
        let lease = try #require(try await bench.ledger().claim())
        await bench.worker(ScriptedRunner([.interrupted])).work(lease)
        let again = try #require(try await bench.ledger().claim())
        #expect(again.attempt == 1 && again.token == 2 && !again.isTakeOver)
        #expect(bench.publisher.ends.isEmpty)
    }

    @Test func `a job that takes its workers down ends as crashed`() async throws {
        let bench = try await JobBench()
        try await bench.add()
        let runner = ScriptedRunner([.interrupted])
        try await bench.whilePublishing {
            let lease = JobLease(job: bench.job, token: try await bench.claimNow(), attempt: 13, isTakeOver: true)
            await bench.worker(runner).work(lease)
            try await bench.publisher.untilEnds()
        }
        #expect(runner.jobs.isEmpty)
        #expect(try bench.publisher.payloads(MediaFailed.self).map(\.reason) == ["crashed"])
    }

    @Test func `a worker that lost its job publishes nothing and announces nothing`() async throws {
        let bench = try await JobBench()
        try await bench.add()
        let lost = try #require(try await bench.ledger().claim())
        // Another worker takes it over, as it does when the lease runs out.
        _ = try await bench.claimNow()
        await bench.worker(ScriptedRunner([.made(try bench.asset())])).work(lost)
        await bench.worker(ScriptedRunner([.failed(MediaError(.notMedia, "no"))])).work(lost)
        #expect(bench.publisher.ends.isEmpty)
        #expect(try await bench.state() == "running")
    }
}

extension JobBench {
    /// Leases the job whatever its time and whoever holds it; returns the token.
    func claimNow() async throws -> Int64 {
        try await database.write { [jobs] transaction in
            try transaction.execute("UPDATE media_jobs SET due_at = 0")
            let later = Timestamp(milliseconds: Timestamp.now.milliseconds + 60_000)
            return try jobs.claim(by: "other", now: .now, until: later, in: transaction)?.token ?? 0
        }
    }
}
