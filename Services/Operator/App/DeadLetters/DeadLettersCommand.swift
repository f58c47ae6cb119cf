import ArgumentParser

/// `martlet dead-letters`.
struct DeadLettersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dead-letters",
        abstract: "Looks through what was given up on, and gives it another chance or drops it.",
        discussion: """
            A message that a service gave up on waits in QUEUE.parking; one that no queue wanted, in events.unrouted. Looking
            changes nothing: what is read goes back to its place, also if this command is killed.

            EXAMPLES
              martlet dead-letters list
              martlet dead-letters show 0192f3a1-9d20-7c11-8b7a-1a2b3c4d5e6f
              martlet dead-letters requeue --queue media.process --reason 'disk full' --rate 5/s
              martlet dead-letters drop --older-than 30d --dry-run
            """,
        subcommands: [
            ListCommand.self, ShowCommand.self, RequeueCommand.self, DropCommand.self, ExportCommand.self,
        ]
    )
}
