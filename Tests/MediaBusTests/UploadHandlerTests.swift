import EventSchema
import Foundation
import Logging
import MediaBus
import MediaDomain
import Messaging
import ObjectStorage
import Testing

@Suite(.timeLimit(.minutes(1)))
struct UploadHandlerTests {
    private let publisher = RecordingPublisher()
    private let store = MemoryStore()
    private let upload = Envelope(
        MediaUploaded(
            mediaID: UUID(),
            userID: "user-1",
            filePath: "/uploads/a.mp4",
            contentType: "video/mp4",
            fileSize: 5
        ),
        source: "php-backend"
    )

    private func handler(_ runner: ScriptedRunner) -> UploadHandler {
        UploadHandler(
            processor: UploadProcessor(
                sources: AnySource(),
                catalog: AssetCatalog(store: store),
                runner: runner,
                settings: TranscodeSettings()
            ),
            announcer: MediaAnnouncer(
                publisher: EventPublisher(publisher, source: "media-processor"),
                urls: MediaURLs(base: "https://cdn.example.com/media/")
            ),
            metrics: JobMetrics(),
            progressInterval: .zero,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        )
    }

    private func delivery(
        of envelope: Envelope? = nil,
        redelivered: Bool = false,
        attempt: Int = 1,
        headers: JSONObject = [:]
    ) -> Delivery {
        var message = Message(envelope ?? upload)
        message.headers = headers
        if attempt > 1 { message.headers[MessageHeader.attempt] = .integer(Int64(attempt)) }
        return Delivery(
            message: message,
            source: Destination(exchange: Topology.Exchange.events, routingKey: "media.uploaded"),
            queue: Topology.Queue.mediaProcess,
            redelivered: redelivered
        )
    }

    private func asset() throws -> AssetDescription {
        let payload = try upload.decode(MediaUploaded.self)
        let job = MediaJob(
            eventID: upload.eventID,
            mediaID: payload.mediaID,
            sourceURI: payload.filePath,
            settings: TranscodeSettings()
        )
        let video = VideoStream(
            index: 0,
            codec: "h264",
            codedWidth: 1280,
            codedHeight: 720,
            displayWidth: 1280,
            displayHeight: 720,
            rotation: 0,
            frameRate: 25,
            pixelFormat: "yuv420p"
        )
        let source = SourceDescription(container: "mp4", duration: 4, size: 5, video: video, audio: nil)
        let plan = try LadderPlanner(settings: TranscodeSettings(shortSides: [720, 480])).plan(for: source)
        let segment = SegmentResult(start: 0, duration: 4000, size: 10)
        let result = TranscodeResult(
            video: plan.rungs.map { _ in
                TrackResult(codecs: "avc1", timescale: 1000, frameRate: 25, initSize: 1, segments: [segment])
            },
            audio: nil,
            thumbnailCount: 2,
            storyboardTiles: 4,
            duration: 4,
            incomplete: true
        )
        return AssetDescription(
            job: job,
            source: source,
            result: result,
            try Presentation(plan: plan, result: result)
        )
    }

    @Test func `an upload that was made is announced with its URLs, then acknowledged`() async throws {
        #expect(await handler(ScriptedRunner([.made(try asset())])).handle(delivery()) == .acknowledge)
        let mediaID = try upload.decode(MediaUploaded.self).mediaID
        let base = "https://cdn.example.com/media/\(mediaID.uuidString.lowercased())"
        let ready = try #require(try publisher.payloads(MediaReady.self).first)
        #expect(
            ready
                == MediaReady(
                    mediaID: mediaID,
                    userID: "user-1",
                    playbackURLs: .init(hls: "\(base)/master.m3u8", dash: "\(base)/manifest.mpd"),
                    thumbnailURLs: ["\(base)/thumb_1.jpg", "\(base)/thumb_2.jpg"],
                    duration: 4,
                    resolutions: ["720p", "480p"],
                    additional: [
                        "incomplete": true, "poster_url": .string("\(base)/poster.jpg"),
                        "storyboard_url": .string("\(base)/storyboard.vtt"),
                    ]
                )
        )
        #expect(publisher.ends == ["media.ready"])
    }

    @Test func `an upload that failed is announced with its reason, then acknowledged`() async throws {
        let error = MediaError(.crashed, "the worker process died", retryable: true)
        #expect(await handler(ScriptedRunner([.failed(error)])).handle(delivery()) == .acknowledge)
        let failed = try #require(try publisher.payloads(MediaFailed.self).first)
        #expect(failed.reason == "crashed" && failed.message == "the worker process died" && failed.retryable)
        #expect(failed.userID == "user-1")
        #expect(publisher.ends == ["media.failed"])
    }

    @Test func `an event that comes again has its end announced under the same id`() async throws {
        for _ in 0..<2 {
            // Another instance each time, as after a restart.
            let settlement = await handler(ScriptedRunner([.made(try asset())])).handle(delivery(redelivered: true))
            #expect(settlement == .acknowledge)
        }
        let ids = publisher.envelopes.filter { $0.eventType == "media.ready" }.map(\.eventID)
        #expect(ids == [UUID](repeating: .derived(from: upload.eventID, "media.ready"), count: 2))
    }

    @Test func `a redelivery joins the work that is under way`() async throws {
        let runner = ScriptedRunner([.made(try asset())], held: true)
        let handler = handler(runner)
        async let first = handler.handle(delivery())
        for await _ in runner.began.prefix(1) {}
        async let second = handler.handle(delivery(redelivered: true))
        runner.release()
        #expect(await first == .acknowledge)
        #expect(await second == .acknowledge)
        #expect(runner.jobs.count == 1)
        #expect(publisher.ends == ["media.ready"])
    }

    @Test func `a redelivery after the end was announced is acknowledged, and nothing is announced twice`() async throws
    {
        let runner = ScriptedRunner([.failed(MediaError(.notMedia, "no"))])
        let handler = handler(runner)
        _ = await handler.handle(delivery())
        #expect(await handler.handle(delivery(redelivered: true)) == .acknowledge)
        #expect(runner.jobs.count == 1)
        #expect(publisher.ends == ["media.failed"])
    }

    @Test func `an event that somebody publishes again is worked on again`() async throws {
        let runner = ScriptedRunner([.failed(MediaError(.notFound, "no")), .made(try asset())])
        let handler = handler(runner)
        _ = await handler.handle(delivery())
        _ = await handler.handle(delivery())
        #expect(publisher.ends == ["media.failed", "media.ready"])
    }

    @Test func `another event of the same media waits for the first`() async throws {
        let runner = ScriptedRunner([.made(try asset())], held: true)
        let handler = handler(runner)
        async let first = handler.handle(delivery())
        for await _ in runner.began.prefix(1) {}
        var other = upload
        other.eventID = UUID()
        let second = delivery(of: other)
        async let later = handler.handle(second)
        #expect(runner.jobs.map(\.eventID) == [upload.eventID])
        runner.release()
        _ = await (first, later)
        #expect(runner.jobs.map(\.eventID) == [upload.eventID, other.eventID])
    }

    @Test func `a media that is made already is announced without work`() async throws {
        let asset = try asset()
        let key = try #require(ObjectKey("\(asset.mediaID)/asset.json"))
        try await store.put(try asset.encoded, at: key, .forKey(key))
        let runner = ScriptedRunner([.interrupted])
        #expect(await handler(runner).handle(delivery(redelivered: true)) == .acknowledge)
        #expect(runner.jobs.isEmpty)
        #expect(publisher.ends == ["media.ready"])
    }

    @Test func `trouble with the store is tried again, and then is a failure`() async throws {
        let error = MediaError(.storageFailed, "disk full", retryable: true)
        let handler = handler(ScriptedRunner([.failed(error)]))
        for attempt in 1...3 {
            let settlement = await handler.handle(delivery(attempt: attempt))
            #expect(settlement == .retry(after: .seconds(5 * attempt), reason: "storage_failed: disk full"))
        }
        #expect(publisher.ends.isEmpty)
        #expect(await handler.handle(delivery(attempt: 4)) == .acknowledge)
        #expect(try publisher.payloads(MediaFailed.self).map(\.reason) == ["storage_failed"])
    }

    @Test func `an end that could not be announced leaves the upload in the queue`() async throws {
        publisher.refuse(MessagingError(.unavailable, "no connection"))
        let settlement = await handler(ScriptedRunner([.made(try asset())])).handle(delivery())
        #expect(
            settlement
                == .retry(after: .seconds(5), reason: "the result could not be announced: no connection")
        )
    }

    @Test func `an interrupted job goes back as it was`() async {
        #expect(await handler(ScriptedRunner([.interrupted])).handle(delivery()) == .release)
        #expect(publisher.ends.isEmpty)
    }

    @Test func `a handler that is cancelled drains its jobs and reports how they end`() async throws {
        let runner = ScriptedRunner([.interrupted], held: true)
        let handler = handler(runner)
        let handling = Task { await handler.handle(delivery()) }
        for await _ in runner.began.prefix(1) { handling.cancel() }
        #expect(await handling.value == .release)
        #expect(runner.drains >= 1)
    }

    @Test func `progress is announced while it is worked, the latest at least, and before the end`() async throws {
        let reports = [1.0, 20, 60].map { JobProgress(stage: .transcoding, percent: $0, etaSeconds: 3) }
        let runner = ScriptedRunner([.failed(MediaError(.notMedia, "no"))], reports: reports)
        _ = await handler(runner).handle(delivery())
        let progress = try publisher.payloads(MediaProgress.self)
        #expect(progress.last?.percent == 60 && progress.last?.stage == "transcoding" && progress.last?.etaSeconds == 3)
        #expect(progress.map(\.percent) == progress.map(\.percent).sorted())
        #expect(publisher.envelopes.last?.eventType == "media.failed")
    }

    @Test(arguments: [
        ("hello", "not JSON"), ("[]", "envelope: expected object, got array"),
        (#"{"event_type":"media.uploaded"}"#, "timestamp"),
    ])
    func `a message that is no upload is parked with its reason`(body: String, reason: String) async {
        let poison = Delivery(
            message: Message(body: Array(body.utf8)),
            source: Destination(exchange: "events", routingKey: "media.uploaded"),
            queue: "media.process",
            redelivered: false
        )
        guard case .park(let told) = await handler(ScriptedRunner([.interrupted])).handle(poison) else {
            Issue.record("expected parking")
            return
        }
        #expect(told.contains(reason))
    }

    @Test func `an event of another type is parked`() async {
        let other = Envelope(eventType: "media.exploded", source: "x", payload: [:])
        guard case .park(let told) = await handler(ScriptedRunner([.interrupted])).handle(delivery(of: other)) else {
            Issue.record("expected parking")
            return
        }
        #expect(told.contains("media.exploded"))
    }

    @Test func `the upload's trace goes on with its events`() async throws {
        let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        let headers: JSONObject = [MessageHeader.traceParent: .string(trace)]
        _ = await handler(ScriptedRunner([.made(try asset())])).handle(delivery(headers: headers))
        #expect(publisher.messages.map { TraceContext(of: $0).traceParent } == [trace])
    }
}
