import Foundation
import Glibc
import Logging
import MediaDomain
import MediaWorker
import ObjectStorage
import Synchronization
import Testing

/// Runs real workers behind real walls, fed and emptied over their channels.
@Suite(.timeLimit(.minutes(3)))
struct ConfinedWorkerTests {
    private let store: RecordingStore
    private let job: MediaJob

    init() throws {
        store = RecordingStore()
        var settings = TranscodeSettings()
        settings.preset = "ultrafast"
        job = MediaJob(eventID: UUID(), mediaID: UUID(), sourceURI: "s3://bucket/a.mp4", settings: settings)
    }

    private var folder: String { job.mediaID.uuidString.lowercased() }

    private func run(
        _ source: MediaSource,
        as job: MediaJob? = nil,
        in store: RecordingStore? = nil,
        limits: WorkerLimits = WorkerLimits(),
        confined: @escaping ProcessJobRunner.Confined = { _ in },
        progress: @escaping @Sendable (JobProgress) -> Void = { _ in }
    ) async -> JobOutcome {
        let runner = ProcessJobRunner(
            executable: ProbeProcess.path,
            arguments: ["work"],
            environment: ["SWIFT_BACKTRACE": "enable=no"],
            store: store ?? self.store,
            limits: limits,
            drainTime: .seconds(30),
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
            confined: confined
        )
        return await runner.run(
            job ?? self.job,
            source: source,
            parts: PartRecord(),
            slots: PartSlots(),
            mayPublish: { true },
            progress: progress
        )
    }

    private func failure(of outcome: JobOutcome) -> MediaError? {
        if case .failed(let error) = outcome { error } else { nil }
    }

    private func openClip(in folder: TemporaryFolder) throws -> OpenFile {
        try Clip.bytes.get().write(to: URL(fileURLWithPath: "\(folder.path)/clip.mp4"))
        return try FileTree(root: folder.path).openFile(["clip.mp4"])
    }

    @Test func `a confined worker makes the same of a file and of a remote source`() async throws {
        let temporary = try TemporaryFolder()
        let other = RecordingStore()
        let seen = Mutex<Confinement?>(nil)
        let file = try openClip(in: temporary)
        let local = await run(.file(file), confined: { confinement in seen.withLock { $0 = confinement } })
        let remote = await run(.remote(MemorySource(try Clip.bytes.get())), in: other)
        guard case .made(let asset) = local else {
            Issue.record("expected an asset, got \(local)")
            return
        }
        #expect(remote == local)
        #expect(store.objects == other.objects)
        #expect(store.objects.keys.allSatisfy { $0.hasPrefix("\(folder)/") })
        #expect(store.objects["\(folder)/master.m3u8"] != nil && asset.duration > 2.9)
        #expect(seen.withLock { $0 }?.isWhole == true)
    }

    @Test func `pictures may become smaller than those that types are decided by`() async throws {
        let film = try ["1280x720", "320x180"].map { size in
            let codec = ["-c:v", "libx264", "-preset", "ultrafast", "-threads", "1"]
            return try Clip.make(["-f", "lavfi", "-i", "testsrc2=s=\(size):r=25:d=1"] + codec, "ts")
        }
        var large = job
        large.settings.preset = "veryfast"
        large.settings.shortSides = [720]
        let outcome = await run(.remote(MemorySource(film[0] + film[1])), as: large)
        #expect(failure(of: outcome) == nil)
        #expect(store.objects["\(folder)/video/720p/init.mp4"] != nil)
    }

    @Test func `a slow store holds the worker up, with no more on its way than the window takes`() async throws {
        let slow = RecordingStore(pause: .milliseconds(50))
        let outcome = await run(.remote(MemorySource(try Clip.bytes.get())), in: slow)
        #expect(failure(of: outcome) == nil)
        #expect(slow.mostAtOnce > 1 && slow.mostAtOnce <= MediaLimits.unstoredObjects)
    }

    @Test func `what the store refuses fails the job, and nothing is published`() async throws {
        let store = RecordingStore { key in
            key.description.hasSuffix("init.mp4") ? ObjectStoreError(.full, "no room") : nil
        }
        let outcome = await run(.remote(MemorySource(try Clip.bytes.get())), in: store)
        #expect(failure(of: outcome) == MediaError(.storageFailed, "no room", retryable: true))
        #expect(store.objects.keys.allSatisfy { !$0.hasSuffix("master.m3u8") })
        #expect(store.underWay == 0)
    }

    @Test(arguments: [0, 60_000]) func `a source that fails is unavailable, not a part of a film`(
        from: Int
    ) async throws {
        let source = MemorySource(try Clip.bytes.get(), failsFrom: from)
        let outcome = await run(.remote(source))
        #expect(failure(of: outcome) == MediaError(.sourceUnavailable, "the server is gone", retryable: true))
        #expect(store.objects["\(folder)/master.m3u8"] == nil)
    }

    @Test func `a worker reads within its source, and never much at once`() async throws {
        let bytes = try Clip.bytes.get()
        let source = MemorySource(bytes)
        _ = await run(.remote(source))
        #expect(!source.asked.isEmpty)
        #expect(source.asked.allSatisfy { $0.lowerBound < bytes.count && $0.count <= 1 << 20 })
    }

    @Test func `a worker that is stopped has nothing under way any more`() async throws {
        let store = RecordingStore(pause: .seconds(60))
        let (started, continuation) = AsyncStream<Void>.makeStream()
        let source = MediaSource.remote(MemorySource(try Clip.bytes.get()))
        let task = Task {
            await run(
                source,
                in: store,
                progress: { report in
                    if report.stage == .transcoding, report.percent > 1 { continuation.yield() }
                }
            )
        }
        for await _ in started.prefix(1) { task.cancel() }
        #expect(await task.value == .interrupted)
        #expect(store.underWay == 0)
        #expect(store.objects.isEmpty)
    }

    @Test func `a file that needs more memory than a job has is too large`() async throws {
        // 8000x8000 pixels of one colour: 180 KB that become 200 MB.
        let huge = MemorySource(
            try Clip.make(["-f", "lavfi", "-i", "color=s=8000x8000:r=1:d=1", "-c:v", "png"], "mkv")
        )
        let error = failure(of: await run(.remote(huge), limits: WorkerLimits(memory: 512 << 20)))
        #expect(error?.reason == .tooLarge && error?.retryable == false)
    }
}
