import ArgumentParser

/// `martlet dead-letters list`.
struct ListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Lists them: when, from which queue, which event, and why.",
        discussion: """
            EXAMPLES
              martlet dead-letters list
              martlet dead-letters list --queue events.unrouted --limit 20
              martlet dead-letters list --type media.uploaded --older-than 1d --json
            """
    )

    @Flag(help: "Prints each as one line of JSON.")
    var json = false

    @OptionGroup var filter: DeadLetterFilter
    @OptionGroup var broker: BrokerOptions

    func run() async throws {
        try await Console.reporting {
            var shown = 0
            let walk = DeadLetterWalk(configuration: try broker.configuration(), filter: filter)
            let count = try await walk.run { letter in
                if json {
                    Console.print(letter.summary)
                } else {
                    if shown == 0 { Console.print(DeadLetterTable.heading) }
                    Console.print(DeadLetterTable.line(for: letter))
                }
                shown += 1
                return .kept
            }
            if !json { Console.complain(count == 0 ? "There are none." : "\(count) shown.") }
        }
    }
}
