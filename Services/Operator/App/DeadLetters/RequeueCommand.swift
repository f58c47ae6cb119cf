import ArgumentParser
import EventSchema
import Foundation
import Messaging
import RabbitMQ

/// `martlet dead-letters requeue`.
struct RequeueCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "requeue",
        abstract: "Gives them another chance: back to the queue they came from, with their attempts counted anew.",
        discussion: """
            Each is published, confirmed, and only then taken out of its parking: if this is killed in between, one may be
            there twice, under the same event id. Headers tell who did it: x-requeued-at, -by, -from. What is in
            events.unrouted is published again where it was.

            EXAMPLES
              martlet dead-letters requeue --event-id 0192f3a1-9d20-7c11-8b7a-1a2b3c4d5e6f
              martlet dead-letters requeue --queue notify.webhook --older-than 1h --rate 10/s
              martlet dead-letters requeue --reason 'disk full' --dry-run
            """
    )

    @OptionGroup var filter: DeadLetterFilter
    @OptionGroup var action: ActionOptions
    @OptionGroup var broker: BrokerOptions

    func run() async throws {
        try await Console.reporting {
            let walk = DeadLetterWalk(configuration: try broker.configuration(), filter: filter)
            try await action.confirm("Requeue \(try await walk.run { _ in .kept }) messages?")
            if action.dryRun {
                let count = try await walk.run { letter in
                    Console.print("would requeue \(letter.id) to \(Self.name(letter.home))")
                    return .kept
                }
                return Console.complain("\(count) would be requeued.")
            }
            let (action, name) = (action, CurrentOperator.name)
            try await broker.withBroker(topology: .none) { publisher in
                var pace = Pace(action.rate)
                let count = try await walk.run { letter in
                    try await pace.wait()
                    try await Self.requeue(letter, publisher, by: name)
                    return .done
                }
                Console.complain("\(count) requeued.")
            }
        }
    }

    private static func requeue(_ letter: DeadLetter, _ publisher: RabbitMQBroker, by name: String) async throws {
        let copy = letter.message.requeued(letter.source, from: letter.queue, by: name, at: .now)
        do throws(MessagingError) {
            try await publisher.publish(copy, to: letter.home)
        } catch {
            throw CommandFailure(.failed, "\(letter.id) stays in \(letter.queue), and so do those behind it: \(error)")
        }
        Console.print("requeued \(letter.id) to \(Self.name(letter.home))")
    }

    private static func name(_ destination: Destination) -> String {
        destination.exchange.isEmpty ? destination.routingKey : "\(destination.exchange) as \(destination.routingKey)"
    }
}

/// Who runs this command.
enum CurrentOperator {
    /// `user@host`.
    static var name: String {
        // Not by DNS, which may take long.
        let host = try? String(contentsOfFile: "/proc/sys/kernel/hostname", encoding: .utf8)
        return "\(NSUserName())@\((host ?? "unknown").trimmingCharacters(in: .whitespacesAndNewlines))"
    }
}
