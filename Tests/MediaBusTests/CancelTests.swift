import EventSchema
import Foundation
import MediaBus
import MediaDomain
import MediaStore
import Messaging
import MessagingTesting
import ObjectStorage
import Persistence
import Testing

/// What `media.cancel` does to jobs, on both databases.
@Suite(.timeLimit(.minutes(2)))
struct CancelTests {
    private func time(_ milliseconds: Int64) -> Timestamp { Timestamp(milliseconds: milliseconds) }

    private func upload(of media: UUID, sentAt: Int64) -> UploadJob {
        UploadJob(eventID: UUID(), mediaID: media, userID: "u", sourceURI: "/a", sentAt: time(sentAt))
    }

    private func cancel(
        _ bench: JobBench,
        _ media: UUID,
        sentAt: Int64,
        event: UUID? = nil
    ) async throws -> CancelEffect {
        let request = CancelRequest(mediaID: media, eventID: event, reason: "not wanted", sentAt: time(sentAt))
        return try await bench.database.write { [jobs = bench.jobs] in try jobs.cancel(request, now: .now, in: $0) }
    }

    @Test(arguments: [false, true])
    func `a job that nobody has begun ends at once, one that runs is stopped first`(postgres: Bool) async throws {
        let bench = try await JobBench(postgres: postgres)
        let media = UUID()
        let (first, second) = (upload(of: media, sentAt: 1001), upload(of: media, sentAt: 1002))
        for job in [first, second] { try await bench.add(job) }
        let lease = try #require(try await bench.ledger("one").claim())
        #expect(lease.job.eventID == first.eventID)
        let effect = try await cancel(bench, media, sentAt: 5001)
        #expect(effect.ended.map(\.eventID) == [second.eventID] && effect.stopping == 1)
        #expect(try await bench.ledger("one").renew(lease) == .cancelled)
        let work = try await bench.database.read { [jobs = bench.jobs] transaction in
            [
                try jobs.cancelling(by: "one", now: .now, in: transaction),
                try jobs.cancelling(by: "two", now: .now, in: transaction),
            ]
        }
        #expect(work == [CancelledWork(own: [first.eventID], waits: false), CancelledWork(own: [], waits: false)])
        // Nothing else of it may become of the work.
        let asset = try bench.asset()
        let results = try await bench.database.write { [jobs = bench.jobs] transaction in
            [
                try jobs.finish(lease, .made(asset), now: .now, in: transaction),
                try jobs.giveBack(lease, .interrupted, now: .now, due: .now, in: transaction),
                try jobs.beginPublishing(lease, replacing: nil, now: .now, until: .now, in: transaction),
                try jobs.place(lease, published: nil, in: transaction) != nil,
                try jobs.finish(lease, JobEnding(word: "cancelled"), now: .now, in: transaction),
            ]
        }
        #expect(results == [false, false, false, false, true])
        #expect(try await cancel(bench, media, sentAt: 5001) == CancelEffect())
    }

    @Test(arguments: [false, true])
    func `only uploads up to the time of the cancel are meant, whoever overtakes whom`(postgres: Bool) async throws {
        let bench = try await JobBench(postgres: postgres)
        let media = UUID()
        let newer = upload(of: media, sentAt: 60_001)
        try await bench.add(newer)
        #expect(try await cancel(bench, media, sentAt: 60_000 - 1) == CancelEffect())
        #expect(try await bench.add(upload(of: media, sentAt: 59_998)) == .cancelled(reason: "not wanted"))
        #expect(try await bench.add(upload(of: media, sentAt: 60_002)) == .waits)
        // A backend that writes whole seconds may mean any moment of them: then the order in which they come decides.
        #expect(try await bench.add(upload(of: media, sentAt: 59_000)) == .waits)
        #expect(try await cancel(bench, media, sentAt: 60_000).ended.count == 3)
        // An older cancel that comes late takes nothing back.
        #expect(try await cancel(bench, media, sentAt: 1001) == CancelEffect())
        #expect(try await bench.add(upload(of: media, sentAt: 59_998)) == .cancelled(reason: "not wanted"))
    }

    @Test(arguments: [false, true])
    func `one upload can be cancelled by itself`(postgres: Bool) async throws {
        let bench = try await JobBench(postgres: postgres)
        let media = UUID()
        let (first, second) = (upload(of: media, sentAt: 1001), upload(of: media, sentAt: 1002))
        for job in [first, second] { try await bench.add(job) }
        #expect(try await cancel(bench, media, sentAt: 5001, event: second.eventID).ended == [second])
        #expect(try await bench.add(upload(of: media, sentAt: 4000)) == .waits)
        #expect(try await bench.ledger().claim()?.job == first)
    }

    @Test(arguments: [false, true])
    func `a job that is taking the place of what is published is not stopped halfway`(postgres: Bool) async throws {
        let bench = try await JobBench(postgres: postgres)
        let job = upload(of: UUID(), sentAt: 1001)
        try await bench.add(job)
        let lease = try #require(try await bench.ledger().claim())
        let (prefix, begun) = try await bench.database.write { [jobs = bench.jobs] transaction in
            (
                try jobs.place(lease, published: "", in: transaction),
                try jobs.beginPublishing(lease, replacing: "", now: .now, until: .now, in: transaction)
            )
        }
        #expect(prefix == VersionPrefix.own(of: job.eventID) && begun)
        #expect(try await cancel(bench, job.mediaID, sentAt: 5001) == CancelEffect())
    }

    @Test func `a cancelled job that was begun is cleaned up after by whoever looks, and announced once`() async throws
    {
        let bench = try await JobBench()
        try await bench.add()
        let ledger = bench.ledger()
        let lease = try #require(try await ledger.claim())
        _ = try await bench.database.write { [jobs = bench.jobs] in try jobs.place(lease, published: nil, in: $0) }
        let folder = bench.job.mediaID.lowercased
        for name in ["video/720p/seg_00001.m4s", "thumb_1.jpg"] { try await bench.put("\(folder)/\(name)") }
        // The process is stopped, and the job waits for another.
        await bench.worker(ScriptedRunner([.interrupted])).work(lease)
        #expect(try await bench.state() == "waiting")
        let watch = bench.watch("two")
        try await bench.whilePublishing {
            let watching = Task { try await watch.run() }
            let request = CancelRequest(mediaID: bench.job.mediaID, reason: "no", sentAt: .now)
            #expect(try await bench.canceller(wake: watch.wake).cancel(request) == 1)
            try await bench.publisher.untilEnds()
            watching.cancel()
            try await watching.value
        }
        #expect(try await bench.keys().isEmpty)
        let failed = try bench.publisher.payloads(MediaFailed.self)
        #expect(failed.map(\.reason) == ["cancelled"] && failed.first?.message == "cancelled: no")
        #expect(failed.first?.retryable == false)
        let id = UUID.derived(from: bench.job.eventID, "media.failed").lowercased
        #expect(bench.publisher.messages.last?.messageID == id)
        #expect(try await bench.state() == "ended")
    }

    @Test func `a job that runs here stops at once and leaves nothing`() async throws {
        let bench = try await JobBench()
        let runner = ScriptedRunner([.made(try bench.asset())], held: true)
        let workers = bench.workers(runner)
        let watch = bench.watch()
        try await bench.add()
        try await bench.whilePublishing {
            let working = Task { try await workers.run() }
            let watching = Task { try await watch.run() }
            for await _ in runner.began.prefix(1) {}
            try await bench.put("\(bench.job.mediaID.lowercased)/video/720p/init.mp4")
            let request = CancelRequest(mediaID: bench.job.mediaID, sentAt: .now)
            let start = ContinuousClock.now
            #expect(try await bench.canceller(wake: watch.wake).cancel(request) == 1)
            try await bench.publisher.untilEnds()
            #expect(ContinuousClock.now - start < .seconds(1))
            working.cancel()
            watching.cancel()
            try await working.value
            try await watching.value
        }
        #expect(bench.publisher.ends == ["media.failed"])
        #expect(try await bench.keys().isEmpty)
    }

    @Test func `a cancel over the bus ends what waits, and an older upload behind it`() async throws {
        let bench = try await JobBench()
        let intake = UploadIntake(
            consumer: InMemoryBroker(),
            inbox: bench.inbox,
            jobs: bench.jobs,
            announcer: bench.announcer,
            canceller: bench.canceller(),
            wake: {}
        )
        let media = UUID()
        let cancel = MediaCancel(mediaID: media, reason: "no")
        let late = MediaUploaded(mediaID: media, userID: "u", filePath: "/a", contentType: "video/mp4", fileSize: 1)
        try await bench.whilePublishing {
            let envelopes = [
                Envelope(cancel, timestamp: time(2_000_500), source: "php"),
                Envelope(late, timestamp: time(2_000_400), source: "php"),
            ]
            for envelope in envelopes {
                let delivery = Delivery(
                    message: Message(body: envelope.encoded),
                    source: Destination(exchange: Topology.Exchange.events, routingKey: envelope.eventType),
                    queue: Topology.Queue.mediaProcess,
                    redelivered: false
                )
                for _ in 0..<2 { #expect(await intake.handlers.handle(delivery) == .acknowledge) }
            }
            try await bench.publisher.untilEnds()
        }
        #expect(try bench.publisher.payloads(MediaFailed.self).map(\.reason) == ["cancelled"])
        #expect(try await bench.ledger().claim() == nil)
    }
}

extension JobBench {
    func put(_ name: String) async throws {
        let key = try #require(ObjectKey(name))
        try await store.put([1], at: key, .forKey(key))
    }

    /// What lies in the media's folder, by the names below it.
    func keys() async throws -> [String] {
        let folder = try #require(ObjectKey(job.mediaID.lowercased))
        return try await store.keys(under: folder, limit: 1000).map { String($0.description.dropFirst(37)) }
    }
}
