import Logging
import Messaging
import Metrics
import RabbitMQ
import ServiceBootstrap

/// Runs the client for the time of `body`, set up as a service has it: metrics are counted, logs are not written.
func withBroker(_ url: String, _ body: @Sendable (RabbitMQBroker) async throws -> Void) async throws {
    MetricsSystem.bootstrap(PrometheusRegistry())
    let configuration = try RabbitMQConfiguration(url: url, connectionName: "bus-bench")
    let broker = RabbitMQBroker(configuration: configuration, topology: .none, logger: .quiet)
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await broker.run() }
        defer { group.cancelAll() }
        try await body(broker)
    }
}

extension Logger {
    /// Says nothing but errors.
    static var quiet: Logger {
        var logger = Logger(label: "bus-bench")
        logger.logLevel = .error
        return logger
    }
}
