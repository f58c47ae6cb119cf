import ArgumentParser
import EventSchema
import Foundation
import Messaging
import RabbitMQ
import UnixSignals

/// `martlet events tail`, and `martlet tail` for short.
struct TailCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tail",
        abstract: "Shows events as they are published.",
        discussion: """
            One line for each: time, type, id and payload. Nobody's events are taken away: the command listens on a
            queue of its own, which goes with it. Ctrl-C ends it.

            EXAMPLES
              martlet events tail
              martlet events tail 'media.#'
              martlet events tail notification.failed --json --count 10
            """
    )

    @Argument(help: "Which types: * is one word, # any number of them.", completion: .list(Names.patterns))
    var pattern = "#"

    @Flag(help: "Prints each event as one line of JSON.")
    var json = false

    @Option(help: "Ends after this many events.")
    var count: Int?

    @OptionGroup var broker: BrokerOptions

    func validate() throws {
        if let count, count < 1 { throw ValidationError("--count: expected a number from 1, got \(count)") }
    }

    func run() async throws {
        try await Console.reporting {
            let configuration = try broker.configuration()
            try await broker.withBroker { broker in try await follow(broker, configuration) }
        }
    }

    private func follow(_ broker: RabbitMQBroker, _ configuration: RabbitMQConfiguration) async throws {
        let queue = "martlet.tail.\(UUID().lowercased)"
        let (deliveries, feed) = AsyncStream.makeStream(of: Delivery.self, bufferingPolicy: .bufferingOldest(1024))
        let binding = Subscription.Binding(exchange: Topology.Exchange.events, pattern: pattern)
        // One at a time keeps the order.
        let subscription = Subscription(.exclusive(name: queue, bindings: [binding]), prefetch: 1)
        let interrupts = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await broker.consume(subscription) { delivery in
                    feed.yield(delivery)
                    return .acknowledge
                }
            }
            group.addTask { for await _ in interrupts { break } }
            group.addTask {
                try await BrokerOptions.waitUntilConnected(configuration) { broker.status.consumers[queue] }
                Console.complain("listening for \(pattern) at \(configuration.address.redacted); Ctrl-C ends")
                await show(deliveries)
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func show(_ deliveries: AsyncStream<Delivery>) async {
        // As services read them: CloudEvents and what frameworks send are shown as the envelopes that they mean.
        let decoder = EventDecoder()
        var shown = 0
        for await delivery in deliveries {
            do throws(SchemaError) {
                let envelope = try decoder.envelope(of: delivery)
                Console.print(
                    json ? String(decoding: envelope.encoded, as: UTF8.self) : EventLine.text(for: envelope)
                )
                shown += 1
            } catch {
                let line = EventLine.text(forUnreadable: delivery.message.body, reason: error.description)
                if json { Console.complain(line) } else { Console.print(line) }
            }
            if shown == count { return }
        }
    }
}
