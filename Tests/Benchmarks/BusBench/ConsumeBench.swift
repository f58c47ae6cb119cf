import ArgumentParser
import Foundation
import Messaging
import RabbitMQ
import Synchronization

/// `bus-bench consume`: handlers that acknowledge at once.
struct ConsumeBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "consume")

    @OptionGroup var options: QueueOptions

    @Option(help: "How many to consume; the queue must hold as many.")
    var messages = 100_000

    @Option(help: "How many handlers may run at once.")
    var prefetch = 200

    func run() async throws {
        let (messages, prefetch, queue) = (messages, prefetch, options.queue)
        try await withBroker(options.url) { broker in
            let tally = Tally(messages)
            let consumption = Task {
                try await broker.consume(Subscription(.queue(queue), prefetch: prefetch)) { _ in
                    tally.count()
                    return .acknowledge
                }
            }
            print(await tally.report)
            consumption.cancel()
            try await consumption.value
        }
    }
}

/// Counts from the first delivery to the last.
private final class Tally: Sendable {
    private let goal: Int
    private let seen = Atomic(0)
    private let start = Mutex<Usage?>(nil)
    private let reports: AsyncStream<String>
    private let continuation: AsyncStream<String>.Continuation

    init(_ goal: Int) {
        self.goal = goal
        (reports, continuation) = AsyncStream.makeStream()
    }

    func count() {
        let number = seen.wrappingAdd(1, ordering: .relaxed).newValue
        if number == 1 { start.withLock { $0 = Usage() } }
        if number == goal, let usage = start.withLock({ $0 }) { continuation.yield(usage.report(goal)) }
    }

    var report: String {
        get async {
            for await report in reports { return report }
            return ""
        }
    }
}
