import ArgumentParser
import EventSchema
import Messaging

/// `martlet dead-letters show`.
struct ShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Shows everything about one, with its body.",
        discussion: """
            EXAMPLES
              martlet dead-letters show 0192f3a1-9d20-7c11-8b7a-1a2b3c4d5e6f
              martlet dead-letters show ID --queue events.unrouted --json
            """
    )

    @Argument(help: "The event's id, as `list` shows it.")
    var id: String

    @Option(
        name: .customLong("queue"),
        help: "The queue it was parked from, or events.unrouted; all are searched if not given.",
        completion: .list(Names.origins)
    )
    var origin: String?

    @Flag(help: "Prints it as one line of JSON, as `export` writes it.")
    var json = false

    @OptionGroup var broker: BrokerOptions

    func run() async throws {
        try await Console.reporting {
            let walk = DeadLetterWalk(configuration: try broker.configuration(), filter: try filter())
            let count = try await walk.run { letter in
                if json {
                    Console.print(letter.record)
                } else {
                    for line in Self.lines(for: letter) { Console.print(line) }
                }
                return .kept
            }
            guard count > 0 else { throw CommandFailure(.failed, "no dead letter has the id \(id)") }
        }
    }

    private func filter() throws -> DeadLetterFilter {
        let origins = origin.map { [$0] } ?? Names.origins
        return try DeadLetterFilter.parse(["--event-id", id] + origins.flatMap { ["--queue", $0] })
    }

    /// All of a message, a fact on each line, and the body behind an empty one.
    static func lines(for letter: DeadLetter) -> [String] {
        let message = letter.message
        let facts: [(String, String?)] = [
            ("event id", letter.id), ("type", letter.type), ("waits in", letter.queue), ("parked from", letter.origin),
            ("parked at", letter.parkedAt?.description), ("reason", letter.reason),
            ("attempts", String(letter.attempts)),
            ("published to", "exchange \"\(letter.source.exchange)\" with key \"\(letter.source.routingKey)\""),
            ("published at", message.timestamp?.description), ("published by", message.appID),
            ("content type", message.contentType), ("content encoding", message.contentEncoding),
            ("message id", message.messageID), ("correlation id", message.correlationID), ("reply to", message.replyTo),
            ("priority", message.priority.map { String($0) }),
        ]
        let headers = message.headers.sorted { $0.key < $1.key }.map { name, value in
            ("header \(name)", value.stringValue ?? value.description)
        }
        let lines = (facts + headers).compactMap { name, value in
            value.map { "\(EventLine.printable(name)): \(EventLine.printable($0))" }
        }
        return lines + ["body: \(message.body.count) bytes", ""] + body(message.body)
    }

    private static func body(_ body: [UInt8]) -> [String] {
        guard let text = String(validating: body, as: UTF8.self) else {
            return ["not UTF-8; --json shows it in base64"]
        }
        return text.split(separator: "\n", omittingEmptySubsequences: false).map { EventLine.printable(String($0)) }
    }
}
