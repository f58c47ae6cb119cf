import ArgumentParser
import EventSchema
import Foundation
import Logging
import Messaging
import Persistence
import RabbitMQ
import ServiceLifecycle
import Synchronization

/// `bus-bench relay`: each event is consumed, noted in the inbox together with what it causes in the outbox, acknowledged,
/// published with a confirmation, and deleted from the outbox; all that a service does but its own work.
struct RelayBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "relay")

    @OptionGroup var options: QueueOptions

    @Option(help: "A queue that exists, for what is published.")
    var target = "bench.out"

    @Option(help: "Where state is kept.")
    var database: String

    @Option(help: "How many events.")
    var messages = 50_000

    @Option(help: "Bytes of each payload.")
    var size = 1024

    @Option(help: "How many handlers may run at once.")
    var prefetch = 200

    func run() async throws {
        let logger = Logger.quiet
        let database = try await DatabaseURL(database).open(logger: logger)
        try await database.migrate([MessagingSchema.component])
        let (messages, queue, target, prefetch) = (messages, options.queue, target, prefetch)
        let event = RealtimeBroadcast(
            topic: "t",
            event: "e",
            payload: ["x": .string(String(repeating: "x", count: size))]
        )
        try await withBroker(options.url) { broker in
            // Not counted.
            try await Filling(broker, to: queue).fill(messages) { Message(Envelope(event, source: "bench")) }
            let publisher = CountingPublisher(broker, goal: messages)
            let outbox = Outbox(
                database: database,
                publisher: publisher,
                service: "bench",
                instance: "bench-1",
                logger: logger
            )
            let inbox = Inbox(database: database, outbox: outbox, logger: logger)
            var handlers = EventHandlers()
            handlers.on(RealtimeBroadcast.self, once: inbox) { received, work in
                try work.publish(Message(received.envelope, trace: received.trace), to: .queue(target))
            }
            let services = [Task { try await outbox.run() }, consumption(of: queue, broker, prefetch, handlers)]
            let usage = Usage()
            await publisher.untilGoal()
            print(usage.report(messages))
            for service in services.reversed() {
                service.cancel()
                try await service.value
            }
            try await check(database, messages)
        }
    }

    private func consumption(
        of queue: String,
        _ broker: RabbitMQBroker,
        _ prefetch: Int,
        _ handlers: EventHandlers
    ) -> Task<Void, any Error> {
        Task {
            try await broker.consume(Subscription(.queue(queue), prefetch: prefetch)) { await handlers.handle($0) }
        }
    }

    /// A figure counts only if the work was done.
    private func check(_ database: any Database, _ messages: Int) async throws {
        let (noted, waiting) = try await database.read { transaction in
            let noted = try transaction.query("SELECT count(*) FROM inbox")[0].int(0)
            return (noted, try transaction.query("SELECT count(*) FROM outbox")[0].int(0))
        }
        guard noted == messages, waiting == 0 else {
            throw ValidationError("\(noted) of \(messages) events are in the inbox, \(waiting) wait in the outbox")
        }
    }
}

/// Publishes over a broker and tells when so many were confirmed.
private final class CountingPublisher: MessagePublisher {
    private let broker: RabbitMQBroker
    private let goal: Int
    private let confirmed = Atomic(0)
    private let end: AsyncStream<Never>
    private let ending: AsyncStream<Never>.Continuation

    init(_ broker: RabbitMQBroker, goal: Int) {
        self.broker = broker
        self.goal = goal
        (end, ending) = AsyncStream.makeStream()
    }

    func publish(
        _ message: Message,
        to destination: Destination,
        guarantee: PublishGuarantee,
        completion: @escaping Completion
    ) {
        broker.publish(message, to: destination, guarantee: guarantee) { result in
            completion(result)
            guard case .success = result else { return }
            if self.confirmed.wrappingAdd(1, ordering: .relaxed).newValue == self.goal { self.ending.finish() }
        }
    }

    func untilGoal() async {
        for await _ in end {}
    }
}

/// Fills a queue, many publishes under way at once.
private struct Filling {
    private static let callers = 256

    let broker: RabbitMQBroker
    let queue: String

    init(_ broker: RabbitMQBroker, to queue: String) {
        self.broker = broker
        self.queue = queue
    }

    func fill(_ count: Int, _ make: @escaping @Sendable () -> Message) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for caller in 0..<Self.callers {
                group.addTask {
                    for _ in stride(from: caller, to: count, by: Self.callers) {
                        try await broker.publish(make(), to: .queue(queue))
                    }
                }
            }
            try await group.waitForAll()
        }
    }
}
