import EventSchema
import Foundation
import Logging
import Messaging
import MessagingTesting
import RabbitMQ

/// Runs a client for the time of `body`, and fails with what the client fails with.
func withClient(
    _ configuration: RabbitMQConfiguration,
    topology: Topology.Declaration = .suite,
    _ body: @Sendable (RabbitMQBroker) async throws -> Void
) async throws {
    var logger = Logger(label: "rabbitmq-tests")
    logger.logLevel = .critical
    let client = RabbitMQBroker(configuration: configuration, topology: topology, logger: logger)
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await client.run() }
        defer { group.cancelAll() }
        try await body(client)
    }
}

extension PrivateBroker {
    /// A client's settings with a name of its own, by which its connections can be found.
    func configuration(name: String = "test-\(UUID().lowercased)") throws -> RabbitMQConfiguration {
        var configuration = try RabbitMQConfiguration(url: url, connectionName: name)
        // A start of the broker on a busy machine may take longer than a service would wait.
        configuration.confirmTimeout = .seconds(20)
        return configuration
    }

    /// Messages that a queue holds ready.
    ///
    /// Counted by taking them: a quorum queue's own count lags.
    func drain(_ queue: String, until count: Int) async throws -> [Delivery] {
        let taken = Watched<[Delivery]>([])
        try await withClient(try configuration(), topology: .none) { client in
            let consumption = Task {
                try await client.consume(Subscription(.queue(queue), prefetch: 200)) { delivery in
                    taken.update { $0.append(delivery) }
                    return .acknowledge
                }
            }
            try await taken.wait { $0.count >= count }
            consumption.cancel()
            try await consumption.value
        }
        return taken.value
    }
}

extension RabbitMQBroker {
    /// Waits until `condition` holds of the status.
    func status(until condition: (BrokerStatus) -> Bool) async throws {
        while !condition(status) { try await Task.sleep(for: .milliseconds(20)) }
    }
}

/// A work queue of one test, with its parking.
struct WorkQueue: Sendable {
    let name = "work.\(UUID().lowercased)"

    var topology: Topology.Declaration {
        Topology.Declaration(
            exchanges: [.init(Topology.Exchange.parking, .direct)],
            queues: [.init(name), .init(Topology.parking(of: name))],
            bindings: [.init(Topology.Exchange.parking, name, to: Topology.parking(of: name))]
        )
    }

    var destination: Destination { .queue(name) }
}
