import EventSchema
import Foundation
import MediaDomain
import ObjectStorage
import Synchronization
import Testing

/// Answers each job at once, and remembers it.
private final class FakeRunner: JobRunner {
    private let log = Mutex<[MediaJob]>([])
    var jobs: [MediaJob] { log.withLock { $0 } }

    func run(
        _ job: MediaJob,
        source: MediaSource,
        parts: PartRecord,
        slots: PartSlots,
        mayPublish: @escaping @Sendable () async -> Bool,
        progress: @escaping @Sendable (JobProgress) -> Void
    ) async -> JobOutcome {
        log.withLock { $0.append(job) }
        return .interrupted
    }

    func yield(_ eventID: UUID) {}
    func drain() {}
}

private struct FakeOpener: SourceOpener {
    var failure: MediaError?

    func open(_ uri: String) async throws(MediaError) -> MediaSource {
        if let failure { throw failure }
        return .file(OpenFile(owning: -1))
    }
}

private final class MemoryStore: ObjectStore {
    private let objects = Mutex<[ObjectKey: [UInt8]]>([:])
    private let failure: ObjectStoreError?

    init(failure: ObjectStoreError? = nil) {
        self.failure = failure
    }

    func put(_ bytes: [UInt8], at key: ObjectKey, _ attributes: ObjectAttributes) async throws(ObjectStoreError) {
        objects.withLock { $0[key] = bytes }
    }

    func get(_ key: ObjectKey) async throws(ObjectStoreError) -> [UInt8]? {
        if let failure { throw failure }
        return objects.withLock { $0[key] }
    }

    func delete(_ key: ObjectKey) async throws(ObjectStoreError) {
        objects.withLock { $0[key] = nil }
    }

    func keys(under folder: ObjectKey, limit: Int) async throws(ObjectStoreError) -> [ObjectKey] {
        let all = objects.withLock { $0.keys.filter { $0.description.hasPrefix("\(folder)/") } }
        return Array(all.sorted { $0.description < $1.description }.prefix(limit))
    }
}

private final class Asked: Sendable {
    private let prefixes = Mutex<[String?]>([])
    func withLock(_ change: (inout [String?]) -> Void) { prefixes.withLock { change(&$0) } }
    var all: [String?] { prefixes.withLock { $0 } }
}

struct UploadProcessorTests {
    private let runner = FakeRunner()
    private let mediaID = UUID()
    private let eventID = UUID()
    /// What was said to be published when it was asked where to put the objects.
    private let asked = Asked()

    /// - Parameter folder: What the owner of the job has decided, if it does.
    private func process(
        in store: MemoryStore = MemoryStore(),
        opener: FakeOpener = FakeOpener(),
        folder: String? = "",
        sentAt: Timestamp = .now
    ) async -> JobOutcome {
        let processor = UploadProcessor(
            sources: opener,
            catalog: AssetCatalog(store: store),
            runner: runner,
            settings: TranscodeSettings()
        )
        let upload = UploadJob(
            eventID: eventID,
            mediaID: mediaID,
            userID: "u",
            sourceURI: "/a.mp4",
            sentAt: sentAt
        )
        let desk = JobDesk(
            place: { [asked] published in
                asked.withLock { $0.append(published) }
                return folder
            },
            mayPublish: { _ in true },
            progress: { _ in }
        )
        return await processor.process(upload, desk)
    }

    /// A store in which `eventID` has been made.
    private func storeWithAsset(
        for eventID: UUID,
        from sourceURI: String,
        sentAt: Timestamp? = nil
    ) async throws -> MemoryStore {
        let store = MemoryStore()
        let job = MediaJob(
            eventID: eventID,
            mediaID: mediaID,
            sourceURI: sourceURI,
            uploadedAt: sentAt,
            settings: TranscodeSettings()
        )
        let source = SourceDescription.fake(PictureSize(width: 640, height: 480))
        let plan = try LadderPlanner(settings: TranscodeSettings()).plan(for: source)
        let sink = DiscardingSink()
        let result = try FakeTranscoder().transcode(by: plan, sink: sink) { _ in }
        let asset = AssetDescription(
            job: job,
            source: source,
            result: result,
            try Presentation(plan: plan, result: result)
        )
        let key = try #require(ObjectKey("\(mediaID.uuidString.lowercased())/asset.json"))
        try await store.put(try asset.encoded, at: key, .forKey(key))
        return store
    }

    @Test func `an upload is run into the folder that its owner has for it`() async {
        #expect(await process() == .interrupted)
        #expect(await process(folder: "r-1/") == .interrupted)
        #expect(runner.jobs.map(\.prefix) == ["", "r-1/"])
        #expect(asked.all == [nil, nil])
    }

    @Test func `an upload that is somebody else's by now is not run`() async {
        #expect(await process(folder: nil) == .interrupted)
        #expect(runner.jobs.isEmpty)
    }

    @Test func `an upload that was announced before the one that is published is left alone`() async throws {
        let now = Timestamp(milliseconds: 1_700_000_000_500)
        let store = try await storeWithAsset(for: UUID(), from: "/b.mp4", sentAt: now)
        guard case .replaced(let asset) = await process(in: store, sentAt: Timestamp(milliseconds: 1_700_000_000_499))
        else {
            Issue.record("expected what is published")
            return
        }
        #expect(asset.sourceURI == "/b.mp4")
        #expect(runner.jobs.isEmpty)
        // Whole seconds may be any moment of them.
        #expect(await process(in: store, sentAt: Timestamp(milliseconds: 1_700_000_000_000)) == .interrupted)
        #expect(runner.jobs.count == 1)
    }

    @Test func `an upload that is made already is not run again`() async throws {
        let store = try await storeWithAsset(for: eventID, from: "/a.mp4")
        guard case .made(let asset) = await process(in: store) else {
            Issue.record("expected the asset that is there")
            return
        }
        #expect(asset.eventID == eventID.uuidString.lowercased())
        #expect(runner.jobs.isEmpty)
    }

    @Test func `another upload of the same media leaves what is published alone`() async throws {
        let store = try await storeWithAsset(for: UUID(), from: "/a.mp4")
        _ = await process(in: store, folder: "r-1/")
        #expect(asked.all == [""])
        #expect(runner.jobs.map(\.prefix) == ["r-1/"])
    }

    @Test func `a description that cannot be read counts as none`() async throws {
        let store = MemoryStore()
        let key = try #require(ObjectKey("\(mediaID.uuidString.lowercased())/asset.json"))
        try await store.put(Array("{}".utf8), at: key, .forKey(key))
        _ = await process(in: store)
        #expect(runner.jobs.count == 1)
    }

    @Test func `a source that may not be opened fails the upload`() async {
        let failure = MediaError(.notAllowed, "no")
        #expect(await process(opener: FakeOpener(failure: failure)) == .failed(failure))
        #expect(runner.jobs.isEmpty)
    }

    @Test func `a store that cannot be asked is worth another try`() async {
        let store = MemoryStore(failure: ObjectStoreError(.unavailable, "gone"))
        #expect(await process(in: store) == .failed(MediaError(.storageFailed, "gone", retryable: true)))
    }
}

private struct DiscardingSink: ArtifactSink {
    func store(_ bytes: [UInt8], as name: String) throws(MediaError) {}
}
