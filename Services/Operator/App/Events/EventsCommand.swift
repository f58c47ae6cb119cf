import ArgumentParser

/// `martlet events`.
struct EventsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "events",
        abstract: "Follows events, and publishes earlier ones again.",
        discussion: """
            EXAMPLES
              martlet events tail 'media.#'
              martlet events replay parked.jsonl --to-queue media.process
              martlet events replay --stream events.log --from 2h --to-queue realtime.events
            """,
        subcommands: [TailCommand.self, ReplayCommand.self]
    )
}
