import ArgumentParser

/// `martlet topology`.
struct TopologyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "topology",
        abstract: "Compares the broker's exchanges, queues, bindings and policies with the suite's, and mends them.",
        discussion: """
            Asks RabbitMQ's management API (--management-url, RABBITMQ_MANAGEMENT_URL). Nothing is ever deleted.

            EXAMPLES
              martlet topology plan
              martlet topology apply --dry-run
              martlet topology verify --json
            """,
        subcommands: [PlanCommand.self, ApplyCommand.self, VerifyCommand.self]
    )
}

/// `martlet topology plan`.
struct PlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Tells in words what differs.",
        discussion: """
            + is missing, ~ is otherwise, ? is there and nobody's.

            EXAMPLES
              martlet topology plan
              martlet topology plan --amqp-url amqp://admin:secret@rabbit-1/production --json
            """
    )

    @OptionGroup var options: TopologyOptions

    func run() async throws {
        try await Console.reporting { options.show(try await options.compare(try options.client()).report) }
    }
}

/// `martlet topology verify`.
struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Exits 1, with what differs, unless the broker is as it should be.",
        discussion: """
            What is there besides is told and does not count, unless --strict.

            EXAMPLES
              martlet topology verify
              martlet topology verify --strict --json
            """
    )

    @Flag(help: "What is there besides counts, too: a stray binding brings foreign messages.")
    var strict = false

    @OptionGroup var options: TopologyOptions

    func run() async throws {
        try await Console.reporting {
            let report = try await options.compare(try options.client()).report
            options.show(report)
            if report.differs || strict && !report.differences.isEmpty { throw ExitCode(1) }
        }
    }
}
