import ArgumentParser
import Foundation
import Messaging
import RabbitMQ
import Synchronization

/// `bus-bench publish`: confirmed publishes, the client's window always full.
struct PublishBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "publish")

    @OptionGroup var options: QueueOptions

    @Option(help: "How many to publish.")
    var messages = 100_000

    @Option(help: "Bytes of each body.")
    var size = 1024

    @Option(help: "How many callers publish, each awaiting its confirmation; 0: one that is called back.")
    var callers = 0

    func run() async throws {
        let body = [UInt8](repeating: 120, count: size)
        let destination = Destination.queue(options.queue)
        let (messages, callers) = (messages, callers)
        try await withBroker(options.url) { broker in
            let load = PublishLoad(broker, body: body, destination: destination)
            // Not counted: it waits for the connection.
            try await load.await(messages: 1, callers: 1)
            let usage = Usage()
            if callers == 0 {
                try await load.callBack(messages: messages)
            } else {
                try await load.await(messages: messages, callers: callers)
            }
            print(usage.report(messages))
        }
    }
}

/// Publishes one message after the other.
struct PublishLoad: Sendable {
    private let broker: RabbitMQBroker
    private let body: [UInt8]
    private let destination: Destination

    init(_ broker: RabbitMQBroker, body: [UInt8], destination: Destination) {
        self.broker = broker
        self.body = body
        self.destination = destination
    }

    private var message: Message {
        Message(
            body: body,
            contentType: "application/json",
            messageID: "0f0c2a56-0d5e-4b5e-9f3a-2f1f1c9f0a01",
            type: "bench.event"
        )
    }

    /// As handlers publish: each in its own task.
    func await(messages: Int, callers: Int) async throws {
        let remaining = Countdown(messages)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<callers {
                group.addTask {
                    while remaining.step() >= 0 {
                        try await broker.publish(message, to: destination)
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    /// As a relay publishes: four windows handed over, one more for each that is confirmed.
    func callBack(messages: Int) async throws {
        let relay = CallBackRelay(messages: messages) { completion in
            broker.publish(message, to: destination, guarantee: .confirmed, completion: completion)
        }
        try await relay.run(ahead: 1024)
    }
}

/// Keeps a number of publishes under way until all are confirmed.
private final class CallBackRelay: Sendable {
    private let unsent: Countdown
    private let unconfirmed: Countdown
    private let ended: AsyncThrowingStream<Never, any Error>
    private let ending: AsyncThrowingStream<Never, any Error>.Continuation
    private let send: @Sendable (@escaping MessagePublisher.Completion) -> Void

    init(messages: Int, send: @escaping @Sendable (@escaping MessagePublisher.Completion) -> Void) {
        unsent = Countdown(messages)
        unconfirmed = Countdown(messages)
        (ended, ending) = AsyncThrowingStream.makeStream()
        self.send = send
    }

    func run(ahead: Int) async throws {
        for _ in 0..<ahead { sendNext() }
        for try await _ in ended {}
    }

    private func sendNext() {
        guard unsent.step() >= 0 else { return }
        send { result in
            if case .failure(let error) = result { return self.ending.finish(throwing: error) }
            if self.unconfirmed.step() == 0 { return self.ending.finish() }
            self.sendNext()
        }
    }
}

private final class Countdown: Sendable {
    private let value: Atomic<Int>

    init(_ start: Int) { value = Atomic(start) }

    /// Counts one down and returns what is left.
    func step() -> Int { value.wrappingSubtract(1, ordering: .relaxed).newValue }
}
