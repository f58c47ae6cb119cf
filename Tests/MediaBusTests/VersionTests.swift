import EventSchema
import Foundation
import MediaBus
import MediaDomain
import MediaStore
import Messaging
import ObjectStorage
import Persistence
import Synchronization
import Testing

/// Where versions of a media go, and when they go away.
@Suite(.timeLimit(.minutes(2)))
struct VersionTests {
    private func upload(of media: UUID, due: Int64) -> UploadJob {
        UploadJob(
            eventID: UUID(),
            mediaID: media,
            userID: "u",
            sourceURI: "/a",
            receivedAt: Timestamp(milliseconds: due)
        )
    }

    private func place(_ bench: JobBench, _ lease: JobLease, _ published: String?) async throws -> String? {
        try await bench.database.write { [jobs = bench.jobs] in
            try jobs.place(lease, published: published, in: $0)
        }
    }

    @Test(arguments: [false, true])
    func `the first version lies in the media's folder, others apart, each where it began`(postgres: Bool) async throws
    {
        let bench = try await JobBench(postgres: postgres)
        let media = UUID()
        let (first, second) = (upload(of: media, due: 1), upload(of: media, due: 2))
        for job in [first, second] { try await bench.add(job) }
        let ledger = bench.ledger()
        let lease = try #require(try await ledger.claim())
        #expect(try await place(bench, lease, nil) == "")
        let later = Timestamp(milliseconds: Timestamp.now.milliseconds + 60_000)
        _ = try await bench.database.write { [jobs = bench.jobs] in
            try jobs.giveBack(lease, .interrupted, now: .now, due: later, in: $0)
        }
        // The first may still have something there.
        let other = try #require(try await ledger.claim())
        #expect(other.job == second)
        #expect(try await place(bench, other, nil) == VersionPrefix.own(of: second.eventID))
        #expect(try await place(bench, other, nil) == VersionPrefix.own(of: second.eventID))
        #expect(try await place(bench, lease, nil) == nil)
    }

    @Test(arguments: [false, true])
    func `nobody takes a media that another job has begun to publish and goes on with`(postgres: Bool) async throws {
        let bench = try await JobBench(postgres: postgres)
        let media = UUID()
        let (first, second) = (upload(of: media, due: 1), upload(of: media, due: 2))
        for job in [first, second] { try await bench.add(job) }
        let ledger = bench.ledger()
        let lease = try #require(try await ledger.claim())
        #expect(try await place(bench, lease, nil) == "")
        let (now, later) = (Timestamp.now, Timestamp(milliseconds: Timestamp.now.milliseconds + 60_000))
        let isGiven = try await bench.database.write { [jobs = bench.jobs] transaction in
            _ = try jobs.beginPublishing(lease, replacing: nil, now: now, until: later, in: transaction)
            return try jobs.giveBack(lease, .yielded, now: now, due: later, in: transaction)
        }
        #expect(isGiven)
        // It would remove or put back what the other one has published by then.
        #expect(try await ledger.claim() == nil)
        try await bench.database.write { [jobs = bench.jobs] transaction in
            let again = try #require(try jobs.claim(by: "b", now: later, until: later, in: transaction))
            #expect(again.job == first)
            #expect(try jobs.finish(again, .failed(MediaError(.crashed, "no")), now: later, in: transaction))
        }
        #expect(try await ledger.claim()?.job == second)
    }

    @Test(arguments: [false, true])
    func `nothing goes where something is still to be removed`(postgres: Bool) async throws {
        let bench = try await JobBench(postgres: postgres)
        let job = upload(of: UUID(), due: 1)
        try await bench.add(job)
        try await bench.database.write { [removals = bench.removals] in
            try removals.add(VersionRemoval(mediaID: job.mediaID, prefix: ""), due: .now, in: $0)
        }
        let lease = try #require(try await bench.ledger().claim())
        #expect(try await place(bench, lease, nil) == VersionPrefix.own(of: job.eventID))
    }

    @Test(arguments: [false, true])
    func `a version that was replaced is removed when its time has come, and nothing else`(
        postgres: Bool
    ) async throws {
        let bench = try await JobBench(postgres: postgres)
        let media = bench.job.mediaID.lowercased
        let prefix = VersionPrefix.own(of: bench.job.eventID)
        let mine = ["video/720p/seg_00001.m4s", "thumb_1.jpg", "storyboard_1.jpg"]
        let front = ["master.m3u8", "manifest.mpd"]
        for name in mine + front + mine.map({ prefix + $0 }) { try await bench.put("\(media)/\(name)") }
        var asset = try bench.asset()
        asset.eventID = UUID().lowercased
        try await bench.publish(asset)
        try await bench.whilePublishing {
            try await bench.add()
            let lease = try #require(try await bench.ledger().claim())
            await bench.worker(ReplacingRunner(bench: bench)).work(lease)
            try await bench.publisher.untilEnds()
        }
        #expect(bench.publisher.ends == ["media.ready"])
        let now = Timestamp.now.milliseconds
        #expect(try await !bench.sweep().removeNext(now: Timestamp(milliseconds: now + 50_000)))
        #expect(try await bench.keys().count == 9)
        #expect(try await bench.sweep().removeNext(now: Timestamp(milliseconds: now + 70_000)))
        #expect(try await !bench.sweep().removeNext(now: Timestamp(milliseconds: now + 700_000)))
        #expect(try await Set(bench.keys()) == Set(front + ["asset.json"] + mine.map { prefix + $0 }))
    }

    @Test func `a version that is published is not removed, whoever wanted it`() async throws {
        let bench = try await JobBench()
        try await bench.publish(try bench.asset())
        try await bench.put("\(bench.job.mediaID.lowercased)/thumb_1.jpg")
        try await bench.database.write { [removals = bench.removals, job = bench.job] in
            try removals.add(VersionRemoval(mediaID: job.mediaID, prefix: ""), due: .now, in: $0)
        }
        #expect(try await bench.sweep().removeNext(now: .now))
        #expect(try await bench.keys() == ["asset.json", "thumb_1.jpg"])
    }

    @Test func `an upload that fails between two playlists leaves the version that was there`() async throws {
        let bench = try await JobBench()
        let media = bench.job.mediaID.lowercased
        var asset = try bench.asset()
        asset.eventID = UUID().lowercased
        try await bench.publish(asset)
        for name in ["master.m3u8", "manifest.mpd", "thumb_1.jpg"] { try await bench.put("\(media)/\(name)") }
        let before = try await bench.contents()
        try await bench.whilePublishing {
            try await bench.add()
            let lease = try #require(try await bench.ledger().claim())
            let runner = ReplacingRunner(bench: bench, failure: MediaError(.notMedia, "no"))
            await bench.worker(runner).work(lease)
            try await bench.publisher.untilEnds()
        }
        #expect(bench.publisher.ends == ["media.failed"])
        #expect(try await bench.contents() == before)
    }

    @Test func `one that is taken up again between two playlists still knows what was there`() async throws {
        let bench = try await JobBench()
        let media = bench.job.mediaID.lowercased
        var asset = try bench.asset()
        asset.eventID = UUID().lowercased
        try await bench.publish(asset)
        for name in ["master.m3u8", "manifest.mpd", "thumb_1.jpg"] { try await bench.put("\(media)/\(name)") }
        let before = try await bench.contents()
        try await bench.add()
        let first = try #require(try await bench.ledger().claim())
        await bench.worker(ReplacingRunner(bench: bench, isInterrupted: true)).work(first)
        #expect(try await bench.state() == "waiting")
        #expect(try await bench.contents()["master.m3u8"] == [2])
        try await bench.whilePublishing {
            let second = try #require(try await bench.ledger().claim())
            let runner = ReplacingRunner(bench: bench, failure: MediaError(.notFound, "gone meanwhile"))
            await bench.worker(runner).work(second)
            try await bench.publisher.untilEnds()
        }
        #expect(bench.publisher.ends == ["media.failed"])
        #expect(try await bench.contents() == before)
    }

    @Test func `what a failed upload has written is gone when it is announced`() async throws {
        let bench = try await JobBench()
        try await bench.whilePublishing {
            try await bench.add()
            let lease = try #require(try await bench.ledger().claim())
            let runner = ReplacingRunner(bench: bench, failure: MediaError(.decodeFailed, "no"))
            await bench.worker(runner).work(lease)
            try await bench.publisher.untilEnds()
        }
        #expect(try bench.publisher.payloads(MediaFailed.self).map(\.reason) == ["decode_failed"])
        #expect(try await bench.keys().isEmpty)
    }
}

/// Writes some objects, begins to publish, and succeeds or fails then.
private struct ReplacingRunner: JobRunner {
    let bench: JobBench
    var failure: MediaError?
    var isInterrupted = false

    func run(
        _ job: MediaJob,
        source: MediaSource,
        parts: PartRecord,
        slots: PartSlots,
        mayPublish: @escaping @Sendable () async -> Bool,
        progress: @escaping @Sendable (JobProgress) -> Void
    ) async -> JobOutcome {
        let media = job.mediaID.lowercased
        do {
            try await bench.put("\(media)/\(job.prefix)thumb_1.jpg")
            guard await mayPublish() else { return .interrupted }
            let key = try #require(ObjectKey("\(media)/master.m3u8"))
            try await bench.store.put([2], at: key, .forKey(key))
            if isInterrupted { return .interrupted }
            if let failure { return .failed(failure) }
            var asset = try bench.asset()
            asset.prefix = job.prefix
            try await bench.publish(asset)
            return .made(asset)
        } catch {
            return .failed(MediaError(.crashed, "\(error)"))
        }
    }

    func yield(_ eventID: UUID) {}
    func drain() {}
}

extension JobBench {
    func publish(_ asset: AssetDescription) async throws {
        let key = try #require(ObjectKey("\(job.mediaID.lowercased)/asset.json"))
        try await store.put(try asset.encoded, at: key, .forKey(key))
    }

    /// Every object of the media, by name.
    func contents() async throws -> [String: [UInt8]] {
        var contents: [String: [UInt8]] = [:]
        for name in try await keys() {
            let key = try #require(ObjectKey("\(job.mediaID.lowercased)/\(name)"))
            contents[name] = try await store.get(key)
        }
        return contents
    }
}
