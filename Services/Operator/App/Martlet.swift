import ArgumentParser
import ServiceBootstrap

/// The operators' tool.
@main
struct Martlet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "martlet",
        abstract: "Publishes, follows and checks the events of the suite.",
        discussion: """
            ENVIRONMENT
              AMQP_URL    RabbitMQ; \(SharedKeys.amqpURL.fallback) if not set.
              JWT_SECRET  The key of tokens, as the gateway has it.

            EXAMPLES
              martlet publish event.json
              martlet tail 'media.#'
              martlet validate events.jsonl
              martlet token --sub alice --ttl 1h

            EXIT CODES
              0 done, 1 failed (the reason is on standard error), 2 an event is not valid, 64 wrong arguments
            """,
        version: Suite.version,
        subcommands: [PublishCommand.self, TailCommand.self, ValidateCommand.self, TokenCommand.self]
    )
}
