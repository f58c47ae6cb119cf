import ArgumentParser
import ServiceBootstrap

/// The operators' tool.
@main
struct Martlet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "martlet",
        abstract: "Publishes, follows and checks the events of the suite, and looks after its broker.",
        discussion: """
            ENVIRONMENT
              AMQP_URL                 RabbitMQ; \(SharedKeys.amqpURL.fallback) if not set.
              RABBITMQ_MANAGEMENT_URL  Its management API; port 15672 of the same host if not set.
              JWT_SECRET               The key of tokens, as the gateway has it.
              DATABASE_URL, OBJECT_STORE_URL
                                       What `doctor` looks at, as the services have them.
              HTTPS_CA_FILE            Who vouches for an S3 store besides those that the system trusts.

            EXAMPLES
              martlet doctor
              martlet topology plan
              martlet dead-letters list
              martlet publish event.json
              martlet events tail 'media.#'
              martlet validate events.jsonl
              martlet token --sub alice --ttl 1h

            COMPLETION
              bash: martlet --generate-completion-script bash > ~/.local/share/bash-completion/completions/martlet
              zsh:  martlet --generate-completion-script zsh > ~/.zfunc/_martlet   (with fpath+=~/.zfunc before compinit)
              fish: martlet --generate-completion-script fish > ~/.config/fish/completions/martlet.fish

            EXIT CODES
              0 done, 1 failed (the reason is on standard error), 2 an event is not valid, 64 wrong arguments
            """,
        version: Suite.version,
        subcommands: [
            DoctorCommand.self, TopologyCommand.self, DeadLettersCommand.self, EventsCommand.self, PublishCommand.self,
            TailCommand.self, ValidateCommand.self, TokenCommand.self,
        ]
    )
}
