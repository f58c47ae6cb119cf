import BusBootstrap
import Foundation
import Logging
import MediaAdmin
import MediaBus
import MediaDomain
import MediaStore
import MediaWorker
import Messaging
import ObjectStorage
import ServiceBootstrap
import ServiceLifecycle

/// What the service is made of: uploads come from the bus, each is worked on in a process of its own, its end goes back
/// to the bus.
enum ServiceGraph: ServiceDefinition {
    static let name = "media-processor"
    static let summary = "Makes uploaded media playable: HLS, DASH, thumbnails. Commands: transcode, probe."
    static let keys = ProcessorKeys.all + SourceKeys.all
    static let adminPort: Int? = 4001
    static let examples = [
        CommandExample("MEDIA_ROOT=/srv/uploads media-processor", "The service, on the RabbitMQ of this machine."),
        CommandExample("media-processor transcode INPUT --output DIR", "Makes one file playable, without a broker."),
        CommandExample("media-processor probe INPUT [--json]", "Tells what a file holds."),
        CommandExample("media-processor transcode --help", "Tells more about a command."),
    ]

    static func check(_ configuration: ServiceConfiguration) async throws {
        try MessageBus.check(configuration, name: name)
        _ = try configuration.transcodeSettings()
        // Opening one on S3 connects to nothing: it tells whether the keys are there.
        let location = configuration[ProcessorKeys.objectStoreURL]
        if case .s3 = location { _ = try configuration.openStore() }
        guard configuration[SourceKeys.buckets] == nil || configuration.s3Credentials != nil else {
            throw ObjectStoreError(
                .invalidConfiguration,
                "MEDIA_BUCKETS needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
            )
        }
    }

    static func services(
        _ configuration: ServiceConfiguration,
        _ context: ServiceContext
    ) async throws -> [any Service] {
        let store = try configuration.openStore()
        let bus = try await MessageBus(
            configuration,
            context,
            name: name,
            schema: [MediaSchema.component, PartSchema.component],
            retaining: MediaSchema.retention
        )
        let metrics = JobMetrics()
        let processor = UploadProcessor(
            sources: configuration.uploadSources,
            catalog: AssetCatalog(store: store),
            runner: runner(configuration, context, store, metrics),
            settings: try configuration.transcodeSettings()
        )
        let announcer = MediaAnnouncer(
            publisher: EventPublisher(bus.broker, source: name),
            urls: MediaURLs(base: configuration[ProcessorKeys.cdnBaseURL].absoluteString)
        )
        let jobs = SQLJobTable()
        let removals = SQLVersionRemovals()
        let keepsReplaced = configuration[ProcessorKeys.keepsReplaced]
        let ledger = JobLedger(
            database: bus.database,
            jobs: jobs,
            parts: SQLPartTable(),
            removals: removals,
            outbox: bus.outbox,
            owner: context.instance,
            keepsReplaced: keepsReplaced
        )
        let cleaner = JobCleaner(ledger: ledger, store: store, announcer: announcer, logger: context.logger)
        let running = RunningJobs()
        let shares = SlotShares(configuration[ProcessorKeys.slots])
        let worker = JobWorker(
            processor: processor,
            ledger: ledger,
            cleaner: cleaner,
            running: running,
            shares: shares,
            store: store,
            announcer: announcer,
            metrics: metrics,
            logger: context.logger
        )
        let workers = JobWorkers(ledger: ledger, worker: worker, shares: shares, logger: context.logger)
        let cancels = CancelWatch(ledger: ledger, running: running, cleaner: cleaner, logger: context.logger)
        let canceller = JobCanceller(
            database: bus.database,
            jobs: jobs,
            outbox: bus.outbox,
            announcer: announcer,
            wake: cancels.wake
        )
        let routes = JobRoutes(
            archive: SQLJobArchive(database: bus.database),
            mediaURL: configuration[ProcessorKeys.cdnBaseURL].absoluteString,
            cancel: canceller.cancel,
            logger: context.logger
        )
        context.admin.add(routes.add)
        let intake = UploadIntake(
            consumer: bus.broker,
            inbox: bus.inbox,
            jobs: jobs,
            announcer: announcer,
            canceller: canceller,
            decoder: bus.decoder,
            wake: workers.wake
        )
        let sweep = RemovalSweep(
            database: bus.database,
            removals: removals,
            store: store,
            interval: min(.seconds(5), max(.milliseconds(500), keepsReplaced / 4)),
            logger: context.logger
        )
        let monitor = bus.monitor(of: [Topology.Queue.mediaProcess], pending: { _ in ledger.pending })
        return bus.services + [monitor, sweep, cancels, workers, intake]
    }

    private static func runner(
        _ configuration: ServiceConfiguration,
        _ context: ServiceContext,
        _ store: any ObjectStore,
        _ metrics: JobMetrics
    ) -> ProcessJobRunner {
        ProcessJobRunner(
            // This very program, even if its file has been replaced since it started.
            executable: "/proc/self/exe",
            arguments: [WorkerCommand.name],
            environment: workerEnvironment(logLevel: configuration[SharedKeys.logLevel]),
            store: store,
            limits: configuration.workerLimits,
            // The rest of the time is for the broker to learn what became of the work.
            drainTime: configuration[SharedKeys.drainSeconds] * 0.8,
            logger: context.logger,
            usage: { metrics.used(processorTime: $0) },
            confined: { confinement in
                metrics.confined(landlock: confinement.landlock, seccomp: confinement.seccomp)
                context.logger.log(
                    level: confinement.isWhole ? .notice : .warning,
                    "workers are confined",
                    metadata: [
                        "worker.landlock": "\(confinement.landlock)", "worker.seccomp": "\(confinement.seccomp)",
                    ]
                )
            }
        )
    }
}

extension ServiceGraph {
    /// No secret of ours is any business of a process that reads strangers' files.
    private static func workerEnvironment(logLevel: Logger.Level) -> [String: String] {
        let handedOn = ProcessInfo.processInfo.environment.filter { key, _ in
            ["PATH", "LANG", "TZ", "LD_LIBRARY_PATH"].contains(key)
        }
        // Swift's own crash handler would hold a dying worker up, and lets one that was sent a signal live on.
        let ours = ["SWIFT_BACKTRACE": "enable=no", "LOG_LEVEL": logLevel.rawValue]
        return handedOn.merging(ours) { _, ours in ours }
    }
}

extension ServiceConfiguration {
    /// - Throws: ``ConfigurationError`` if there is a ladder file that cannot be used.
    fileprivate func transcodeSettings() throws -> TranscodeSettings {
        TranscodeSettings(
            segmentDuration: self[ProcessorKeys.segmentSeconds],
            preset: self[ProcessorKeys.preset].rawValue,
            crf: self[ProcessorKeys.crf],
            shortSides: self[ProcessorKeys.rungs],
            ladder: try self[ProcessorKeys.ladderFile].map { path in
                do throws(LadderFailure) {
                    return try Ladder(contentsOf: path)
                } catch {
                    throw ConfigurationError(.badValue, "\(ProcessorKeys.ladderFile.declaration.name)=\(error)")
                }
            },
            codec: self[ProcessorKeys.codec],
            perTitle: self[ProcessorKeys.perTitle] == .on,
            loudness: self[ProcessorKeys.loudness]
        )
    }

    fileprivate var workerLimits: WorkerLimits {
        WorkerLimits(
            memory: self[ProcessorKeys.memory] << 20,
            slots: self[ProcessorKeys.slots],
            stall: self[ProcessorKeys.stall] / .seconds(1),
            baseTime: self[ProcessorKeys.baseTime] / .seconds(1),
            timeFactor: self[ProcessorKeys.timeFactor],
            maximumTime: self[ProcessorKeys.maximumTime] / .seconds(1)
        )
    }
}
