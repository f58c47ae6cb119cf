import EventSchema
import Foundation
import Logging
import MediaBus
import MediaDomain
import MediaStore
import Messaging
import ObjectStorage
import Persistence
import PersistenceTesting

/// A processor's bus side on a database, with a runner that answers as it is told to.
struct JobBench: Sendable {
    let database: any Database
    let publisher = RecordingPublisher()
    let store = MemoryStore()
    let outbox: Outbox
    let inbox: Inbox
    let jobs = SQLJobTable()
    let removals = SQLVersionRemovals()
    let running = RunningJobs()
    let job = UploadJob(
        eventID: UUID(),
        mediaID: UUID(),
        userID: "user-1",
        sourceURI: "/uploads/a.mp4",
        traceParent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    )
    let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    init(postgres: Bool = false) async throws {
        let url =
            postgres
            ? try DatabaseURL(try await PrivatePostgres.shared().makeDatabase())
            : .sqlite(path: TestFiles.newPath())
        database = try await url.open(logger: logger)
        try await database.migrate([MessagingSchema.component, MediaSchema.component, PartSchema.component])
        outbox = Outbox(database: database, publisher: publisher, service: "t", instance: "t", logger: logger)
        inbox = Inbox(database: database, outbox: outbox, logger: logger)
    }

    var announcer: MediaAnnouncer {
        MediaAnnouncer(
            publisher: EventPublisher(publisher, source: "media-processor"),
            urls: MediaURLs(base: "https://cdn.example.com/media/")
        )
    }

    func ledger(_ owner: String = "one") -> JobLedger {
        JobLedger(
            database: database,
            jobs: jobs,
            parts: SQLPartTable(),
            removals: removals,
            outbox: outbox,
            owner: owner,
            keepsReplaced: .seconds(60)
        )
    }

    func cleaner(_ ledger: JobLedger? = nil) -> JobCleaner {
        JobCleaner(ledger: ledger ?? self.ledger(), store: store, announcer: announcer, logger: logger)
    }

    func worker(_ runner: any JobRunner, _ ledger: JobLedger? = nil, slots: Int = 1) -> JobWorker {
        JobWorker(
            processor: UploadProcessor(
                sources: AnySource(),
                catalog: AssetCatalog(store: store),
                runner: runner,
                settings: TranscodeSettings()
            ),
            ledger: ledger ?? self.ledger(),
            cleaner: cleaner(ledger),
            running: running,
            shares: SlotShares(slots),
            store: store,
            announcer: announcer,
            metrics: JobMetrics(),
            progressInterval: .zero,
            logger: logger
        )
    }

    func watch(_ owner: String = "one") -> CancelWatch {
        CancelWatch(ledger: ledger(owner), running: running, cleaner: cleaner(ledger(owner)), logger: logger)
    }

    func canceller(wake: @escaping @Sendable () -> Void = {}) -> JobCanceller {
        JobCanceller(database: database, jobs: jobs, outbox: outbox, announcer: announcer, wake: wake)
    }

    func sweep() -> RemovalSweep {
        RemovalSweep(database: database, removals: removals, store: store, logger: logger)
    }

    func workers(_ runner: any JobRunner, slots: Int = 1) -> JobWorkers {
        JobWorkers(ledger: ledger(), worker: worker(runner), shares: SlotShares(slots), logger: logger)
    }

    @discardableResult
    func add(_ job: UploadJob? = nil) async throws -> JobAdmission {
        try await database.write { [jobs, job = job ?? self.job] in try jobs.add(job, in: $0) }
    }

    /// Runs `body` while the outbox publishes.
    func whilePublishing(_ body: () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await outbox.run() }
            try await body()
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    /// The state of the job in the table.
    func state() async throws -> String? {
        try await database.read { [job] transaction in
            try transaction.query("SELECT state FROM media_jobs WHERE event_id = $1", [.uuid(job.eventID)]).first?.text(
                0
            )
        }
    }

    func asset() throws -> AssetDescription {
        let mediaJob = MediaJob(
            eventID: job.eventID,
            mediaID: job.mediaID,
            sourceURI: job.sourceURI,
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
        let source = SourceDescription(container: "mp4", duration: 4, size: 5, video: video, audio: [])
        let plan = try LadderPlanner(settings: TranscodeSettings(shortSides: [720, 480])).plan(for: source)
        let segment = SegmentResult(start: 0, duration: 4000, size: 10)
        let result = TranscodeResult(
            video: plan.rungs.map { _ in
                TrackResult(codecs: "avc1", timescale: 1000, frameRate: 25, initSize: 1, segments: [segment])
            },
            audio: [],
            thumbnailCount: 2,
            storyboardTiles: 4,
            duration: 4,
            incomplete: true
        )
        return AssetDescription(
            job: mediaJob,
            source: source,
            result: result,
            try Presentation(plan: plan, result: result)
        )
    }
}
