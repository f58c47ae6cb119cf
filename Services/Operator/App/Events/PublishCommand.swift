import ArgumentParser
import EventSchema
import Messaging

/// `martlet publish`.
struct PublishCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "publish",
        abstract: "Publishes events, as a backend would.",
        discussion: """
            Reads one envelope, or one on each line. Nothing is sent unless all are valid. Each is persistent and
            confirmed by RabbitMQ before its event_id is printed.

            EXAMPLES
              martlet publish upload.json
              echo '{"event_type":"realtime.broadcast","payload":{"topic":"chat:room:1","event":"hi","payload":{}}}' |
                martlet publish --fill -
            """
    )

    @Argument(help: "A file with events; - is standard input.")
    var file: String

    @Flag(help: "Adds event_id, timestamp and source where they are missing.")
    var fill = false

    @Flag(help: "Sends events of a type that the suite does not know.")
    var force = false

    @OptionGroup var broker: BrokerOptions

    func run() async throws {
        try await Console.reporting {
            let envelopes = try envelopes(in: EventDocument(path: file))
            try await broker.withBroker { broker in
                let publisher = EventPublisher(broker, source: "martlet")
                for envelope in envelopes { try await Self.publish(envelope, publisher) }
            }
        }
    }

    /// The events of a document, all of them valid.
    func envelopes(in document: EventDocument) throws -> [Envelope] {
        try document.entries.map { entry in
            let entry = fill ? entry.filled() : entry
            let mistakes = EventExaminer.mistakes(in: entry.value, allowsUnknownTypes: force)
            guard mistakes.isEmpty else {
                let hint = mistakes.contains { $0.contains("unknown event type") } ? "; --force sends it" : ""
                let place = document.entries.count > 1 ? "line \(entry.line): " : ""
                throw CommandFailure(.invalidEvent, place + mistakes.joined(separator: "; ") + hint)
            }
            return try Envelope(entry.value)
        }
    }

    private static func publish(_ envelope: Envelope, _ publisher: EventPublisher) async throws {
        do throws(MessagingError) {
            try await publisher.publish(envelope)
            Console.print(envelope.eventID.lowercased)
        } catch {
            guard error.code == .unroutable else { throw error }
            throw CommandFailure(
                .failed,
                "no queue takes \(envelope.eventType): start the service that consumes it once, it makes its queues"
            )
        }
    }
}
