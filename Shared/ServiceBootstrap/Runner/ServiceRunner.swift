import CoreMetrics
import Foundation
import Glibc
import Logging
import ServiceLifecycle
import Tracing
import UnixSignals

/// Runs a service from its command line to its end.
package enum ServiceRunner {
    /// How the process ends.
    private enum ExitCode {
        static let success: Int32 = 0
        static let failure: Int32 = 1
        static let usage: Int32 = 2
    }

    /// Reads flags and settings, then runs until SIGTERM or SIGINT; never returns.
    ///
    /// Exit codes: 0 stopped as asked, 1 failed, 2 a setting or flag is wrong (nothing has been started then).
    /// A program with commands of its own looks at its arguments first and calls this for the rest.
    package static func run<Definition: ServiceDefinition>(
        _: Definition.Type,
        arguments: [String] = Array(CommandLine.arguments.dropFirst())
    ) async -> Never {
        let options: CommandLineOptions
        let configuration: ServiceConfiguration
        do {
            options = try CommandLineOptions(arguments)
            if let text = answer(to: options, Definition.self) { finish(with: text) }
            configuration = try load(options, Definition.self)
            if options.action != .printConfiguration { try await Definition.check(configuration) }
        } catch {
            FileHandle.standardError.write(Data("\(Definition.name): \(error)\n".utf8))
            exit(arguments.contains("--check-config") ? ExitCode.failure : ExitCode.usage)
        }
        switch options.action {
        case .checkConfiguration: finish(with: "\(Definition.name): the configuration is valid\n")
        case .printConfiguration: finish(with: configuration.redacted + "\n")
        case .serve, .help, .version: exit(await serve(Definition.self, configuration))
        }
    }

    private static func answer(
        to options: CommandLineOptions,
        _ definition: (some ServiceDefinition).Type
    ) -> String? {
        switch options.action {
        case .version: "\(definition.name) \(Suite.version)\n"
        case .help:
            HelpText(
                name: definition.name,
                summary: definition.summary,
                keys: definition.allKeys,
                examples: definition.examples
            ).text
        case .serve, .checkConfiguration, .printConfiguration: nil
        }
    }

    private static func finish(with text: String) -> Never {
        FileHandle.standardOutput.write(Data(text.utf8))
        exit(ExitCode.success)
    }

    private static func load(
        _ options: CommandLineOptions,
        _ definition: (some ServiceDefinition).Type
    ) throws(ConfigurationError) -> ServiceConfiguration {
        let environment = ProcessInfo.processInfo.environment
        let path = options.file ?? environment["CONFIG_FILE"]
        return try ServiceConfiguration(
            definition.allKeys,
            environment: environment,
            file: try path.map { path throws(ConfigurationError) in try ConfigurationFile(contentsOf: path) }
        )
    }
}

// MARK: - Serving

extension ServiceRunner {
    private static func serve(
        _ definition: (some ServiceDefinition).Type,
        _ configuration: ServiceConfiguration
    ) async -> Int32 {
        DescriptorLimit.raise()
        // A peer that has gone is an error of the write, not the end of the process.
        signal(SIGPIPE, SIG_IGN)
        let context = bootstrap(definition, configuration)
        context.logger.notice("starting", metadata: ["process.pid": "\(getpid())"])
        do {
            let tracer = try bootstrapTracing(configuration, context)
            defer { tracer.forceFlush() }
            let services = try await definition.services(configuration, context)
            let admin = adminServer(definition, configuration, context)
            try await run(admin + services, configuration, context)
            context.logger.notice("stopped")
            return ExitCode.success
        } catch {
            context.logger.critical("failed", metadata: ["error": "\(error)"])
            return ExitCode.failure
        }
    }

    private static func bootstrap(
        _ definition: (some ServiceDefinition).Type,
        _ configuration: ServiceConfiguration
    ) -> ServiceContext {
        let instance = configuration[SharedKeys.instanceID] ?? "\(ProcessInfo.processInfo.hostName)-\(getpid())"
        let origin = ServiceLogHandler.Origin(service: definition.name, instance: instance)
        let level = configuration[SharedKeys.logLevel]
        let format = configuration[SharedKeys.logFormat]
        LoggingSystem.bootstrap(
            { label, provider in
                var handler = ServiceLogHandler(label: label, level: level, format: format, origin: origin)
                handler.metadataProvider = provider
                return handler
            },
            metadataProvider: .current
        )
        let metrics = PrometheusRegistry()
        MetricsSystem.bootstrap(metrics)
        for entry in MetricCatalogue.entries { metrics.describe(entry.name, entry.meaning) }
        Gauge(label: "martlet_build_info", dimensions: [("service", origin.service), ("version", origin.version)])
            .record(1)
        let health = HealthRegistry()
        return ServiceContext(
            logger: Logger(label: definition.name),
            health: health,
            metrics: metrics,
            probes: ProbeRoutes(origin: origin, health: health, metrics: metrics),
            admin: AdminRoutes(),
            origin: origin
        )
    }

    /// Follows traces in any case, and records them where there is a file for them.
    private static func bootstrapTracing(
        _ configuration: ServiceConfiguration,
        _ context: ServiceContext
    ) throws(StartError) -> ServiceTracer {
        let exporter = try configuration[SharedKeys.tracesFile].map { path throws(StartError) in
            try SpanFile(path: path, origin: context.origin, logger: context.logger)
        }
        let tracer = ServiceTracer(exporter: exporter, ratio: configuration[SharedKeys.tracesSampleRatio])
        InstrumentationSystem.bootstrap(tracer)
        return tracer
    }

    private static func adminServer(
        _ definition: (some ServiceDefinition).Type,
        _ configuration: ServiceConfiguration,
        _ context: ServiceContext
    ) -> [any Service] {
        guard let port = definition.adminPort else { return [] }
        return [
            AdminServer(
                host: configuration[SharedKeys.adminHost],
                port: configuration[SharedKeys.adminPort(default: port)],
                probes: context.probes,
                routes: context.admin,
                logger: context.logger
            )
        ]
    }

    private static func run(
        _ services: [any Service],
        _ configuration: ServiceConfiguration,
        _ context: ServiceContext
    ) async throws {
        var logger = Logger(label: "service-lifecycle")
        logger.logLevel = max(.warning, context.logger.logLevel)
        let drain = Drain(
            health: context.health,
            limit: configuration[SharedKeys.drainSeconds],
            logger: context.logger
        )
        var group = ServiceGroupConfiguration(services: services.map { supervised($0, drain) }, logger: logger)
        group.maximumGracefulShutdownDuration = drain.limit
        let serviceGroup = ServiceGroup(configuration: group)
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        let watch = ShutdownWatch(group: serviceGroup, drain: drain, logger: context.logger)
        let watching = Task { await watch.run(signals: signals) }
        defer { watching.cancel() }
        try await serviceGroup.run()
    }

    /// A failure lets the others finish what they have in hand.
    private static func supervised(
        _ service: any Service,
        _ drain: Drain
    ) -> ServiceGroupConfiguration.ServiceConfiguration {
        ServiceGroupConfiguration.ServiceConfiguration(
            service: SupervisedService(service, drain: drain),
            failureTerminationBehavior: .gracefullyShutdownGroup,
            serviceName: "\(type(of: service))"
        )
    }
}
