import ArgumentParser
import Foundation
import Messaging
import RabbitMQ

/// `bus-bench gap`: the longest time between two confirmations while connections are closed from outside.
struct GapBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "gap")

    @OptionGroup var options: QueueOptions

    @Option(help: "How long to publish.")
    var seconds = 10.0

    func run() async throws {
        let destination = Destination.queue(options.queue)
        let end = ContinuousClock.now + .seconds(seconds)
        try await withBroker(options.url) { broker in
            let message = Message(body: [UInt8](repeating: 120, count: 1024), messageID: "gap")
            try await broker.publish(message, to: destination)
            // Whoever closes the connections waits for this line.
            print("publishing")
            fflush(nil)
            var (last, longest, confirmed) = (ContinuousClock.now, Duration.zero, 0)
            while last < end {
                try await broker.publish(message, to: destination)
                confirmed += 1
                let now = ContinuousClock.now
                longest = max(longest, now - last)
                last = now
            }
            print(String(format: #"{"confirmed": %d, "longest_gap_seconds": %.3f}"#, confirmed, longest / .seconds(1)))
        }
    }
}
