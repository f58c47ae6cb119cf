import Foundation
import Logging
import MediaBus
import MediaDomain
import MediaWorker
import Messaging
import ObjectStorage
import RabbitMQ
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
        _ = try configuration.broker(connectionName: name)
    }

    static func services(
        _ configuration: ServiceConfiguration,
        _ context: ServiceContext
    ) async throws -> [any Service] {
        let location = configuration[ProcessorKeys.objectStoreURL]
        let store = try location.open()
        let broker = try broker(configuration, context)
        let metrics = JobMetrics()
        let processor = UploadProcessor(
            sources: LocalSourceOpener(root: configuration[ProcessorKeys.mediaRoot]),
            catalog: AssetCatalog(store: store),
            runner: runner(configuration, context, storeURL: location.url, metrics),
            settings: configuration.transcodeSettings
        )
        let announcer = MediaAnnouncer(
            publisher: EventPublisher(broker, source: name),
            urls: MediaURLs(base: configuration[ProcessorKeys.cdnBaseURL].absoluteString)
        )
        let handler = UploadHandler(
            processor: processor,
            announcer: announcer,
            metrics: metrics,
            logger: context.logger
        )
        return [
            broker, broker.monitor(of: [Topology.Queue.mediaProcess]),
            MediaConsumer(consumer: broker, handler: handler, slots: configuration[ProcessorKeys.slots]),
        ]
    }

    private static func broker(
        _ configuration: ServiceConfiguration,
        _ context: ServiceContext
    ) throws -> RabbitMQBroker {
        let broker = RabbitMQBroker(
            configuration: try configuration.broker(connectionName: context.instance),
            logger: context.logger
        )
        context.health.register("broker") {
            let problems = broker.status.problems
            return problems.isEmpty ? .ready : .unready(problems.joined(separator: "; "))
        }
        return broker
    }

    private static func runner(
        _ configuration: ServiceConfiguration,
        _ context: ServiceContext,
        storeURL: String,
        _ metrics: JobMetrics
    ) -> ProcessJobRunner {
        ProcessJobRunner(
            // This very program, even if its file has been replaced since it started.
            executable: "/proc/self/exe",
            arguments: [WorkerCommand.name],
            environment: workerEnvironment(logLevel: configuration[SharedKeys.logLevel]),
            storeURL: storeURL,
            limits: configuration.workerLimits,
            // The rest of the time is for the broker to learn what became of the work.
            drainTime: configuration[SharedKeys.drainSeconds] * 0.8,
            logger: context.logger,
            usage: { metrics.used(processorTime: $0) }
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
    fileprivate func broker(connectionName: String) throws -> RabbitMQConfiguration {
        try RabbitMQConfiguration(
            url: self[SharedKeys.amqpURL],
            connectionName: connectionName,
            caFile: self[SharedKeys.amqpCAFile],
            certificateFile: self[SharedKeys.amqpCertificateFile],
            keyFile: self[SharedKeys.amqpKeyFile]
        )
    }

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
            timeFactor: self[ProcessorKeys.timeFactor]
        )
    }
}
