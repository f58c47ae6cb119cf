import ArgumentParser
import EventSchema

/// `martlet dead-letters drop`.
struct DropCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drop",
        abstract: "Drops them for good.",
        discussion: """
            `export` first keeps a copy.

            EXAMPLES
              martlet dead-letters export kept.jsonl --older-than 30d
              martlet dead-letters drop --older-than 30d
              martlet dead-letters drop --queue events.unrouted --type cart.abandoned --yes
            """
    )

    @OptionGroup var filter: DeadLetterFilter
    @OptionGroup var action: ActionOptions
    @OptionGroup var broker: BrokerOptions

    func run() async throws {
        try await Console.reporting {
            let walk = DeadLetterWalk(configuration: try broker.configuration(), filter: filter)
            try await action.confirm("Drop \(try await walk.run { _ in .kept }) messages for good?")
            let isDryRun = action.dryRun
            var pace = Pace(isDryRun ? nil : action.rate)
            let count = try await walk.run { letter in
                try await pace.wait()
                Console.print("\(isDryRun ? "would drop" : "dropped") \(letter.id) of \(letter.queue)")
                return isDryRun ? .kept : .done
            }
            Console.complain(isDryRun ? "\(count) would be dropped." : "\(count) dropped.")
        }
    }
}
