import CoreMetrics
import EventSchema
import Foundation
import Logging
import Messaging
import MessagingTesting
import RabbitMQ
import ServiceBootstrap
import Testing

/// What is measured on a real broker.
@Suite(.timeLimit(.minutes(2)))
struct QueueMonitorTests {
    private static let interval = Duration.milliseconds(100)

    private let registry = PrometheusRegistry()
    private let queue = WorkQueue()

    /// The value of a series, once it is what `condition` wants; metrics say nothing when they change.
    private func value(_ name: String, _ queue: String, until condition: (Double?) -> Bool) async throws {
        while true {
            let line = registry.exposition().split(separator: "\n").first {
                $0.hasPrefix("\(name){queue=\"\(queue)\"} ")
            }
            if condition(line.flatMap { $0.split(separator: " ").last }.flatMap { Double($0) }) { return }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    private func withMeasuredClient(
        topology: Topology.Declaration,
        logger: Logger = .silent,
        _ body: (RabbitMQBroker) async throws -> Void
    ) async throws {
        let configuration = try await PrivateBroker.shared().configuration()
        let client = withMetricsFactory(registry) {
            RabbitMQBroker(configuration: configuration, topology: topology, logger: logger)
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await client.run() }
            defer { group.cancelAll() }
            try await body(client)
        }
    }

    /// Runs a monitor while `body` runs, and waits for its end.
    private func monitoring(_ client: RabbitMQBroker, _ body: () async throws -> Void) async throws {
        let monitor = client.monitor(of: [queue.name], every: Self.interval)
        let run = Task { try await monitor.run() }
        try await body()
        run.cancel()
        try await run.value
    }

    @Test func `messages and consumers of a queue are shown, and what is in hand counts as pending work`() async throws
    {
        try await withMeasuredClient(topology: queue.topology) { client in
            for _ in 0..<3 { try await client.publishUntilTaken(Message(body: [1]), to: queue.destination) }
            try await monitoring(client) {
                try await value("messaging_queue_messages", queue.name) { $0 == 3 }
                try await value("messaging_queue_consumers", queue.name) { $0 == 0 }
                try await value("messaging_work_pending", queue.name) { $0 == 3 }
                let gate = Gate()
                let consumption = Task { [queue] in
                    try await client.consume(Subscription(.queue(queue.name), prefetch: 2)) { _ in
                        await gate.pass()
                        return .acknowledge
                    }
                }
                try await value("messaging_queue_messages", queue.name) { $0 == 1 }
                try await value("messaging_queue_consumers", queue.name) { $0 == 1 }
                try await value("messaging_work_pending", queue.name) { $0 == 3 }
                gate.open()
                try await value("messaging_work_pending", queue.name) { $0 == 0 }
                consumption.cancel()
                try await consumption.value
            }
            // What is no longer looked at is no longer shown.
            try await value("messaging_queue_messages", queue.name) { $0 == nil }
        }
    }

    @Test func `a parking that fills is a warning`() async throws {
        let log = LogBox()
        try await withMeasuredClient(topology: queue.topology, logger: log.logger) { client in
            try await monitoring(client) {
                try await value("messaging_queue_messages", Topology.parking(of: queue.name)) { $0 == 0 }
                let parking = Destination(exchange: Topology.Exchange.parking, routingKey: queue.name)
                try await client.publishUntilTaken(Message(body: [1]), to: parking)
                let line = try await log.lines.wait { $0.contains { $0.contains("wait for an operator") } }
                    .first { $0.contains("wait for an operator") }
                #expect(line?.contains("messaging.queue=\(Topology.parking(of: queue.name))") == true)
                #expect(line?.contains("WARNING") == true && line?.contains("messaging.more=1") == true)
            }
        }
    }

    @Test func `a queue that is missing is told once, not declared, and seen when it comes`() async throws {
        let log = LogBox()
        let broker = try await PrivateBroker.shared()
        try await withMeasuredClient(topology: .none, logger: log.logger) { client in
            try await monitoring(client) {
                let missing = try await log.lines.wait { $0.filter { $0.contains("404") }.count == 2 }
                #expect(missing.contains { $0.contains("queue '\(queue.name)'") })
                try await withClient(try broker.configuration(), topology: queue.topology) { other in
                    try await other.publishUntilTaken(Message(body: [1]), to: queue.destination)
                }
                try await value("messaging_queue_messages", queue.name) { $0 == 1 }
            }
        }
        #expect(log.lines.value.filter { $0.contains("404") }.count == 2)
    }

    @Test func `a monitor that loses its connection shows nothing and comes back`() async throws {
        let log = LogBox()
        let broker = try await PrivateBroker.shared()
        let configuration = try broker.configuration()
        let client = withMetricsFactory(registry) {
            RabbitMQBroker(configuration: configuration, topology: queue.topology, logger: log.logger)
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await client.run() }
            defer { group.cancelAll() }
            try await monitoring(client) {
                try await value("messaging_queue_messages", queue.name) { $0 == 0 }
                try await broker.closeConnections(named: "\(configuration.connectionName) monitor")
                try await log.lines.wait { $0.contains { $0.contains("queues cannot be watched") } }
                try await client.publishUntilTaken(Message(body: [1]), to: queue.destination)
                try await value("messaging_queue_messages", queue.name) { $0 == 1 }
            }
        }
    }

    // MARK: Consumers and publishers

    @Test func `the age of a backlog is shown, and gone with it`() async throws {
        try await withMeasuredClient(topology: queue.topology) { client in
            let sent = Timestamp(milliseconds: Timestamp.now.milliseconds - 90_000)
            try await client.publishUntilTaken(Message(body: [1], timestamp: sent), to: queue.destination)
            let consumption = Task { [queue] in
                try await client.consume(Subscription(.queue(queue.name), prefetch: 2)) { _ in .acknowledge }
            }
            try await value("messaging_backlog_age_seconds", queue.name) { $0.map { (90..<150).contains($0) } ?? false }
            try await value("messaging_backlog_age_seconds", queue.name) { $0 == 0 }
            consumption.cancel()
            try await consumption.value
        }
    }

    @Test func `the time of confirmations is a histogram that begins at half a millisecond`() async throws {
        try await withMeasuredClient(topology: queue.topology) { client in
            for _ in 0..<20 { try await client.publishUntilTaken(Message(body: [1]), to: queue.destination) }
        }
        let lines = registry.exposition().split(separator: "\n").filter { $0.hasPrefix("messaging_confirm_seconds") }
        #expect(lines.contains { $0.hasPrefix("messaging_confirm_seconds_bucket{le=\"0.0005\"}") })
        #expect(lines.contains("messaging_confirm_seconds_count 20"))
    }

    /// Log lines as text.
    private struct LogBox {
        let lines = Watched<[String]>([])

        var logger: Logger {
            Logger(label: "unit") { [lines] label in
                ServiceLogHandler(
                    label: label,
                    level: .warning,
                    format: .text,
                    origin: ServiceLogHandler.Origin(service: "sample", instance: "i-1"),
                    sink: LogSink { line in lines.update { $0.append(String(decoding: line, as: UTF8.self)) } }
                )
            }
        }
    }
}
