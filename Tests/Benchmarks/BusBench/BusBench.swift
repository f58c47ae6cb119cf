import ArgumentParser

/// What `amqp.c` beside it does with rabbitmq-c alone, done with the suite's own client.
@main
struct BusBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bus-bench",
        abstract: "Measures the suite's RabbitMQ client; prints one JSON object.",
        subcommands: [PublishBench.self, ConsumeBench.self, RelayBench.self, GapBench.self]
    )
}

/// Where the messages are.
struct QueueOptions: ParsableArguments {
    @Option(help: "The broker.")
    var url: String

    @Option(help: "A queue that exists.")
    var queue = "bench"
}
