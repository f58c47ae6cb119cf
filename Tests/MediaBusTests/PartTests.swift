import EventSchema
import Foundation
import MediaBus
import MediaDomain
import MediaStore
import Messaging
import Persistence
import Testing

@Suite(.timeLimit(.minutes(2)))
struct PartTests {
    private static func part(_ index: Int, tiles: PartTiles = PartTiles(first: 0, count: 0)) -> PartResult {
        let start = Int64(index) * 4000
        return PartResult(
            plan: PartPlan(index: index, start: Double(index) * 4, end: nil, firstSegment: index + 1),
            fingerprint: "f",
            video: [
                PartTrack(
                    head: TrackHead(codecs: "avc1", timescale: 1000, frameRate: 29.97, initSize: 1, initChecksum: "c"),
                    segments: [SegmentResult(start: start, duration: 4000, size: 10)]
                )
            ],
            timescale: 1000,
            start: start,
            end: start + 4000,
            pictures: PictureCount(count: 100, second: start + 40, last: start + 3960),
            colors: PictureColors(primaries: 1, transfer: 1, matrix: 1, chroma: 1),
            thumbnailCount: 1,
            tiles: tiles,
            isDamaged: false,
            presentationEnd: index == 2 ? 12.034_933_333_333_333 : nil
        )
    }

    @Test(arguments: [false, true]) func `parts are kept as they were told, in order`(postgres: Bool) async throws {
        let bench = try await JobBench(postgres: postgres)
        try await bench.add()
        let ledger = bench.ledger()
        let lease = try #require(try await ledger.claim())
        let tiles = PartTiles(first: 0, count: 2, pixels: Data([1, 2, 3]))
        for part in [Self.part(2), Self.part(0, tiles: tiles), Self.part(1), Self.part(1)] {
            #expect(try await ledger.note(StoredPart(result: part, tilesFrom: 0), of: lease))
        }
        #expect(
            try await ledger.finishedParts(of: lease) == [Self.part(0, tiles: tiles), Self.part(1), Self.part(2)]
        )
    }

    @Test func `who takes a job up again whose objects were removed finds no parts of it`() async throws {
        let bench = try await JobBench()
        try await bench.add()
        let ledger = bench.ledger()
        let lease = try #require(try await ledger.claim())
        _ = try await bench.database.write { [jobs = bench.jobs] in try jobs.place(lease, published: nil, in: $0) }
        try await bench.put("\(bench.job.mediaID.lowercased)/video/720p/seg_00001.m4s")
        _ = try await ledger.note(StoredPart(result: Self.part(0), tilesFrom: 0), of: lease)
        // The process dies behind it, so that the job does not end.
        #expect(try await bench.cleaner().clearFailed(lease) == [])
        #expect(try await bench.keys().isEmpty)
        #expect(try await ledger.finishedParts(of: lease).isEmpty)
    }

    @Test func `pictures of a sheet that has become full are forgotten`() async throws {
        let bench = try await JobBench()
        try await bench.add()
        let ledger = bench.ledger()
        let lease = try #require(try await ledger.claim())
        let open = PartTiles(first: 0, count: 1, pixels: Data([1]))
        let ending = PartTiles(first: 1, count: 3, pixels: Data([4]))
        _ = try await ledger.note(StoredPart(result: Self.part(0, tiles: open), tilesFrom: 0), of: lease)
        _ = try await ledger.note(StoredPart(result: Self.part(1, tiles: ending), tilesFrom: 1), of: lease)
        let kept = try await ledger.finishedParts(of: lease)
        #expect(kept.map(\.tiles.pixels) == [Data(), Data([4])])
    }

    @Test func `who has lost the lease notes nothing`() async throws {
        let bench = try await JobBench()
        try await bench.add()
        let ledger = bench.ledger()
        let lost = try #require(try await ledger.claim())
        _ = try await ledger.giveBack(lost, .interrupted, after: .zero)
        let lease = try #require(try await ledger.claim())
        #expect(try await !ledger.note(StoredPart(result: Self.part(0), tilesFrom: 0), of: lost))
        #expect(try await ledger.note(StoredPart(result: Self.part(0), tilesFrom: 0), of: lease))
    }

    @Test(arguments: [1, 2]) func `somebody who waits stops a job behind a part, unless a slot is free`(
        slots: Int
    ) async throws {
        let bench = try await JobBench()
        try await bench.add()
        let lease = try #require(try await bench.ledger().claim())
        let other = UploadJob(eventID: UUID(), mediaID: UUID(), userID: "other", sourceURI: "/a", receivedAt: .now)
        try await bench.add(other)
        let runner = ScriptedRunner([.interrupted], part: Self.part(0))
        await bench.worker(runner, slots: slots).work(lease)
        #expect(runner.yielding == (slots == 1 ? [lease.job.eventID] : []))
    }

    @Test func `the next attempt gets what a killed one has made, and the end forgets it`() async throws {
        let bench = try await JobBench()
        try await bench.add()
        let ledger = bench.ledger()
        let killed = MediaError(.crashed, "killed", retryable: true)
        let first = ScriptedRunner([.killed(killed)], part: Self.part(0))
        await bench.worker(first).work(try #require(try await ledger.claim()))
        let lease = try #require(try await ledger.claim())
        // An attempt that has made a part does not count.
        #expect(lease.attempt == 1)
        let second = ScriptedRunner([.made(try bench.asset())])
        try await bench.whilePublishing {
            await bench.worker(second).work(lease)
            try await bench.publisher.untilEnds()
        }
        #expect(second.handed == [[Self.part(0)]])
        #expect(try await ledger.finishedParts(of: lease) == [])
        #expect(bench.publisher.ends == ["media.ready"])
    }

    @Test func `an upload that can be watched is announced with its address, once`() async throws {
        var reports = [1.0, 20, 60].map { JobProgress(stage: .transcoding, percent: $0) }
        for index in 1...2 { reports[index].isPlayable = true }
        let bench = try await JobBench()
        try await bench.add()
        let lease = try #require(try await bench.ledger().claim())
        let runner = ScriptedRunner([.failed(MediaError(.notMedia, "no"))], reports: reports)
        try await bench.whilePublishing {
            await bench.worker(runner).work(lease)
            try await bench.publisher.untilEnds()
        }
        let urls = try bench.publisher.payloads(MediaProgress.self).compactMap(\.playableURL)
        let id = bench.job.mediaID.uuidString.lowercased()
        #expect(urls == ["https://cdn.example.com/media/\(id)/master.m3u8"])
    }
}
