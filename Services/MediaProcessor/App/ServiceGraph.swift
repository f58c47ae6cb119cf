import BusBootstrap
import Foundation
import Logging
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
    static let keys = ProcessorKeys.all
    static let adminPort: Int? = 4001
    static let examples = [
        CommandExample("MEDIA_ROOT=/srv/uploads media-processor", "The service, on the RabbitMQ of this machine."),
        CommandExample("media-processor transcode INPUT --output DIR", "Makes one file playable, without a broker."),
        CommandExample("media-processor probe INPUT [--json]", "Tells what a file holds."),
        CommandExample("media-processor transcode --help", "Tells more about a command."),
    ]

    static func check(_ configuration: ServiceConfiguration) async throws {
        try MessageBus.check(configuration, name: name)
        // Opening one connects to nothing: it tells whether the keys are there.
        if case .s3 = configuration[ProcessorKeys.objectStoreURL] { _ = try configuration.objectStore() }
    }

    static func services(
        _ configuration: ServiceConfiguration,
        _ context: ServiceContext
    ) async throws -> [any Service] {
        let store = try configuration.objectStore()
        let bus = try await MessageBus(
            configuration,
            context,
            name: name,
            schema: [MediaSchema.component],
            retaining: MediaSchema.retention
        )
        let metrics = JobMetrics()
        let processor = UploadProcessor(
            sources: UploadSources(
                local: LocalSourceOpener(root: configuration[ProcessorKeys.mediaRoot]),
                remote: RemoteSources(configuration.remoteSources),
                largest: Int64(configuration[ProcessorKeys.largestUpload]) << 20
            ),
            catalog: AssetCatalog(store: store),
            runner: runner(configuration, context, store, metrics),
            settings: configuration.transcodeSettings
        )
        let announcer = MediaAnnouncer(
            publisher: EventPublisher(bus.broker, source: name),
            urls: MediaURLs(base: configuration[ProcessorKeys.cdnBaseURL].absoluteString)
        )
        let jobs = SQLJobTable()
        let ledger = JobLedger(database: bus.database, jobs: jobs, outbox: bus.outbox, owner: context.instance)
        let worker = JobWorker(
            processor: processor,
            ledger: ledger,
            announcer: announcer,
            metrics: metrics,
            logger: context.logger
        )
        let workers = JobWorkers(
            ledger: ledger,
            worker: worker,
            slots: configuration[ProcessorKeys.slots],
            logger: context.logger
        )
        let intake = UploadIntake(
            consumer: bus.broker,
            inbox: bus.inbox,
            jobs: jobs,
            decoder: bus.decoder,
            wake: workers.wake
        )
        let monitor = bus.monitor(of: [Topology.Queue.mediaProcess], pending: { _ in ledger.pending })
        return bus.services + [monitor, workers, intake]
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
    fileprivate var transcodeSettings: TranscodeSettings {
        TranscodeSettings(
            segmentDuration: self[ProcessorKeys.segmentSeconds],
            preset: self[ProcessorKeys.preset].rawValue,
            crf: self[ProcessorKeys.crf],
            shortSides: self[ProcessorKeys.rungs]
        )
    }

    fileprivate var workerLimits: WorkerLimits {
        WorkerLimits(
            memory: self[ProcessorKeys.memory] << 20,
            stall: self[ProcessorKeys.stall] / .seconds(1),
            baseTime: self[ProcessorKeys.baseTime] / .seconds(1),
            timeFactor: self[ProcessorKeys.timeFactor],
            maximumTime: self[ProcessorKeys.maximumTime] / .seconds(1)
        )
    }
}
