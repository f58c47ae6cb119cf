import EventSchema
import Foundation
import Logging
import Messaging
import MessagingTesting
import RabbitMQ
import ServiceLifecycle
import Testing

/// What a client does on a broker that behaves.
@Suite(.timeLimit(.minutes(2)))
struct ClientTests {
    private func failure(
        of configuration: RabbitMQConfiguration,
        topology: Topology.Declaration = .none
    ) async -> MessagingError? {
        let client = RabbitMQBroker(configuration: configuration, topology: topology, logger: .silent)
        do {
            try await client.run()
            return nil
        } catch {
            return error as? MessagingError
        }
    }

    @Test func `a wrong password stops the start`() async throws {
        let broker = try await PrivateBroker.shared()
        let url = "amqp://guest:wr%6Fng@127.0.0.1:\(broker.port)"
        let error = await failure(of: try RabbitMQConfiguration(url: url, connectionName: "wrong"))
        #expect(error?.code == .accessRefused)
        #expect(error?.message.contains("wrong") == false, "\(error?.message ?? "no error")")
    }

    @Test func `an unknown virtual host stops the start`() async throws {
        let url = try await PrivateBroker.shared().url + "/no-such-host"
        let error = await failure(of: try RabbitMQConfiguration(url: url, connectionName: "lost"))
        #expect(error?.code == .accessRefused)
        #expect(error?.message.contains("no-such-host") == true, "\(error?.message ?? "no error")")
    }

    @Test func `a user who may not declare stops the start, and may publish where all is declared`() async throws {
        let broker = try await PrivateBroker.shared()
        let user = "user-\(UUID().lowercased)"
        try await broker.ctl("add_user", user, "secret")
        try await broker.ctl("set_permissions", user, "^$", ".*", ".*")
        let url = "amqp://\(user):secret@127.0.0.1:\(broker.port)"
        let configuration = try RabbitMQConfiguration(url: url, connectionName: "restricted")
        let error = await failure(of: configuration, topology: WorkQueue().topology)
        #expect(error?.code == .accessRefused && error?.message.contains("403") == true)
        try await withClient(configuration, topology: .none) { client in
            let destination = Destination(exchange: Topology.Exchange.events, routingKey: "strays")
            try await client.publish(Message(body: [1]), to: destination)
        }
    }

    @Test func `a queue that somebody declared otherwise stops the start and names it`() async throws {
        let broker = try await PrivateBroker.shared()
        let queue = WorkQueue()
        let declare = """
            rabbit_amqqueue:declare(rabbit_misc:r(<<"/">>, queue, <<"\(queue.name)">>), true, false, [], none, <<"me">>).
            """
        try await broker.ctl("eval", declare)
        let configuration = try broker.configuration()
        let error = await failure(of: configuration, topology: queue.topology)
        #expect(error?.code == .topologyMismatch)
        #expect(error?.message.contains(queue.name) == true && error?.message.contains("406") == true)
        try await withClient(configuration, topology: .none) { client in
            let consumer = RabbitMQBroker(configuration: configuration, topology: queue.topology, logger: .silent)
            let error = await #expect(throws: MessagingError.self) {
                try await consumer.consume(Subscription(.queue(queue.name), prefetch: 1)) { _ in .acknowledge }
            }
            #expect(error?.code == .topologyMismatch)
        }
    }

    @Test func `what cannot be published in time is unavailable, with the reason`() async throws {
        // Port 1 answers nobody.
        var configuration = try RabbitMQConfiguration(url: "amqp://127.0.0.1:1", connectionName: "nobody")
        configuration.confirmTimeout = .milliseconds(500)
        try await withClient(configuration) { client in
            let error = await #expect(throws: MessagingError.self) {
                try await client.publish(Message(body: [1]), to: .queue("q"))
            }
            #expect(error?.code == .unavailable)
            #expect(error?.message.contains("127.0.0.1:1") == true, "\(error?.message ?? "no error")")
            #expect(!client.status.isReady)
            #expect(client.status.problems.first?.contains("127.0.0.1:1") == true)
            // Best effort drops, and says nothing.
            try await client.publish(Message(body: [1]), to: .queue("q"), guarantee: .bestEffort)
        }
    }

    @Test func `a message that no broker takes is refused before it is sent`() async throws {
        var configuration = try await PrivateBroker.shared().configuration()
        configuration.maximumMessageSize = 100
        try await withClient(configuration, topology: .none) { client in
            let error = await #expect(throws: MessagingError.self) {
                try await client.publish(Message(body: Array(repeating: 0, count: 101)), to: .queue("q"))
            }
            #expect(error?.code == .rejected)
            let long = String(repeating: "x", count: 256)
            let second = await #expect(throws: MessagingError.self) {
                try await client.publish(Message(body: [], messageID: long), to: .queue("q"))
            }
            #expect(second?.code == .rejected)
        }
    }

    @Test func `messages that do not fit on their way back are parked and hold nobody up`() async throws {
        let queue = WorkQueue()
        let broker = try await PrivateBroker.shared()
        let foreign = [
            "{message_id, binary:copy(<<255>>, 200)}", "{type, binary:copy(<<255>>, 200)}",
            "{headers, [{binary:copy(<<255>>, 100), longstr, <<1>>}]}",
            "{headers, [{<<104>>, longstr, binary:copy(<<255>>, 60000)}]}",
        ]
        try await withClient(try broker.configuration(), topology: queue.topology) { client in
            try await client.publishUntilTaken(Message(body: [1]), to: queue.destination)
            for property in foreign {
                let exchange = "rabbit_misc:r(<<\"/\">>, exchange, <<>>)"
                try await broker.ctl(
                    "eval",
                    "rabbit_basic:publish(\(exchange), <<\"\(queue.name)\">>, [\(property)], <<2>>)."
                )
            }
            let consumption = Task {
                try await client.consume(Subscription(.queue(queue.name), prefetch: 10)) { _ in .park(reason: "foreign")
                }
            }
            let parked = try await broker.drain(Topology.parking(of: queue.name), until: foreign.count + 1)
            #expect(parked.map(\.message.body).sorted { $0[0] < $1[0] } == [[1], [2], [2], [2], [2]])
            #expect(parked.allSatisfy { $0.message.headers["x-parked-reason"] == "foreign" })
            #expect(client.status.publisher == .connected)
            try await client.publish(Message(body: [3]), to: Destination.queue(Topology.parking(of: queue.name)))
            consumption.cancel()
            try await consumption.value
        }
    }

    @Test func `a body of many frames arrives whole`() async throws {
        let queue = WorkQueue()
        let broker = try await PrivateBroker.shared()
        let body = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        try await withClient(try broker.configuration(), topology: queue.topology) { client in
            try await client.publishUntilTaken(Message(body: body, messageID: "large"), to: queue.destination)
        }
        let received = try await broker.drain(queue.name, until: 1)
        #expect(received[0].message.body == body)
    }

    @Test func `many callers share the window and every message is confirmed`() async throws {
        let queue = WorkQueue()
        let broker = try await PrivateBroker.shared()
        var configuration = try broker.configuration()
        configuration.confirmWindow = 8
        try await withClient(configuration, topology: queue.topology) { client in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<500 {
                    group.addTask {
                        try await client.publishUntilTaken(
                            Message(body: [], messageID: "\(number)"),
                            to: queue.destination
                        )
                    }
                }
                try await group.waitForAll()
            }
        }
        let received = try await broker.drain(queue.name, until: 500)
        #expect(Set(received.compactMap(\.message.messageID)).count == 500)
    }

    @Test func `connections cut in the middle lose no confirmed message and no delivery`() async throws {
        let queue = WorkQueue()
        let broker = try await PrivateBroker.shared()
        let configuration = try broker.configuration()
        try await withClient(configuration, topology: queue.topology) { client in
            let handled = Watched<Set<String>>([])
            let consumption = Task {
                try await client.consume(Subscription(.queue(queue.name), prefetch: 20)) { delivery in
                    handled.update { _ = $0.insert(delivery.message.messageID ?? "") }
                    return .acknowledge
                }
            }
            async let cut: Void = broker.closeConnections(named: configuration.connectionName)
            for number in 0..<2000 {
                try await client.publishUntilTaken(Message(body: [1], messageID: "\(number)"), to: queue.destination)
            }
            try await cut
            try await client.status(until: \.isReady)
            try await client.publishUntilTaken(Message(body: [1], messageID: "last"), to: queue.destination)
            try await handled.wait { $0.count == 2001 }
            consumption.cancel()
            try await consumption.value
        }
    }

    @Test func `a service group drains consumers before the broker ends`() async throws {
        let queue = WorkQueue()
        let broker = try await PrivateBroker.shared()
        let client = RabbitMQBroker(
            configuration: try broker.configuration(),
            topology: queue.topology,
            logger: .silent
        )
        let worker = DrainedWorker(broker: client, queue: queue)
        let group = ServiceGroup(services: [client, worker], logger: .silent)
        let running = Task { try await group.run() }
        try await client.publishUntilTaken(Message(body: [], messageID: "job"), to: queue.destination)
        try await worker.started.wait { $0 }
        await group.triggerGracefulShutdown()
        try await running.value
        #expect(worker.error.value == nil)
        // What the handler published on its way out is there, and its own delivery is not.
        let left = try await broker.drain(queue.name, until: 1)
        #expect(left.map(\.message.messageID) == ["result"])
        let late = await #expect(throws: MessagingError.self) {
            try await client.publishUntilTaken(Message(body: []), to: queue.destination)
        }
        #expect(late?.code == .closed)
    }
}

/// Takes one delivery, and works on it until it is told to stop.
private struct DrainedWorker: Service {
    let broker: RabbitMQBroker
    let queue: WorkQueue
    let started = Watched(false)
    let error = Watched<String?>(nil)

    func run() async throws {
        try await cancelWhenGracefulShutdown {
            try await broker.consume(Subscription(.queue(queue.name), prefetch: 1)) { _ in
                started.update { $0 = true }
                let stopped = Gate()
                await withTaskCancellationHandler {
                    await stopped.pass()
                } onCancel: {
                    stopped.open()
                }
                do throws(MessagingError) {
                    try await broker.publish(Message(body: [], messageID: "result"), to: queue.destination)
                } catch {
                    self.error.update { $0 = error.message }
                }
                return .acknowledge
            }
        }
    }
}

extension Logger {
    static var silent: Logger {
        Logger(label: "silent") { _ in SwiftLogNoOpLogHandler() }
    }
}
