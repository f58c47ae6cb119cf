import ArgumentParser
import Foundation
import Logging
import Messaging
import RabbitMQ
import ServiceBootstrap

/// How a command reaches RabbitMQ.
struct BrokerOptions: ParsableArguments {
    @Option(name: .customLong("amqp-url"), help: "RabbitMQ's address; AMQP_URL if not given.")
    var address: String?

    /// For a person who waits at a terminal.
    private static let patience = Duration.seconds(5)

    /// Connects, runs `body`, and disconnects.
    ///
    /// - Parameter topology: What is declared on the way.
    func withBroker(
        topology: Topology.Declaration = .suite,
        _ body: @escaping @Sendable (RabbitMQBroker) async throws -> Void
    ) async throws {
        let configuration = try configuration()
        let logger = Logger(label: "martlet") { _ in Silence() }
        let broker = RabbitMQBroker(configuration: configuration, topology: topology, logger: logger)
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await broker.run() }
                group.addTask {
                    try await Self.waitUntilConnected(configuration) { broker.status.publisher }
                    try await body(broker)
                }
                defer { group.cancelAll() }
                // Either the work is done, or the broker refuses us.
                try await group.next()
            }
        } catch let error as MessagingError {
            throw CommandFailure(.failed, "\(configuration.address.redacted): \(error)")
        }
    }

    /// Connects for reading a queue, runs `body`, and disconnects.
    static func withReader<Value: Sendable>(
        _ configuration: RabbitMQConfiguration,
        _ body: (QueueReader) async throws -> Value
    ) async throws -> Value {
        do {
            return try await QueueReader.with(configuration, name: "\(configuration.connectionName) reader", body)
        } catch let error as MessagingError {
            throw CommandFailure(.failed, "\(configuration.address.redacted): \(error)")
        }
    }

    /// Waits until a connection stands.
    ///
    /// - Throws: ``CommandFailure`` with what the last try said, if none stands in time.
    static func waitUntilConnected(
        _ configuration: RabbitMQConfiguration,
        _ status: () -> BrokerStatus.Connection?
    ) async throws {
        let end = ContinuousClock.now + patience
        while true {
            let status = status()
            if status == .connected { return }
            guard ContinuousClock.now < end else {
                let address = configuration.address.redacted
                let problem = status?.problem ?? "not connected"
                throw CommandFailure(
                    .failed,
                    "cannot reach RabbitMQ at \(address): \(problem); see AMQP_URL, --amqp-url"
                )
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    func configuration() throws -> RabbitMQConfiguration {
        let environment = ProcessInfo.processInfo.environment
        let given = address ?? environment["AMQP_URL"].flatMap { $0.isEmpty ? nil : $0 }
        do {
            return try RabbitMQConfiguration(
                url: given ?? SharedKeys.amqpURL.fallback,
                connectionName: "martlet-\(ProcessInfo.processInfo.processIdentifier)",
                caFile: environment["AMQP_CA_FILE"] ?? RabbitMQConfiguration.defaultCAFile,
                certificateFile: environment["AMQP_CERT_FILE"],
                keyFile: environment["AMQP_KEY_FILE"]
            )
        } catch {
            throw CommandFailure(.failed, "\(error); amqp://user:password@host:port/vhost is what it should look like")
        }
    }
}

/// A command says on its own what went wrong.
private struct Silence: LogHandler {
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?
    var logLevel = Logger.Level.critical

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event _: LogEvent) {}
}
