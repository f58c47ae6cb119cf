import ArgumentParser
import EventSchema
import Messaging
import RabbitMQ
import Synchronization

/// `martlet events replay`.
struct ReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Publishes earlier messages again, from a file or from the stream of all events.",
        discussion: """
            A file is what `dead-letters export` or `events tail --json` wrote. The stream events.log is made by
            `topology apply --with-log`. Messages keep their ids, so that receivers skip what they have done already, unless
            --new-ids; the header x-replayed-at tells them apart. Each is confirmed before the next line is printed.

            EXAMPLES
              martlet events replay parked.jsonl --to-queue media.process
              martlet events replay --stream events.log --from 2h --type media.ready --to-queue realtime.events
              martlet events replay --stream events.log --from 2024-05-01T08:00:00Z --to-exchange --rate 50/s --dry-run
            """
    )

    @Argument(help: "A file with messages; - is standard input.", completion: .file())
    var file: String?

    @Option(help: "A stream instead of a file.", completion: .list([EventLog.queue]))
    var stream: String?

    @Option(help: "From when on: first, an age as 90m, 36h, 7d, or a time as 2024-05-01T08:00:00Z.")
    var from: Beginning?

    @Option(help: "Only events of this type.", completion: .list(Names.eventTypes))
    var type: String?

    @Option(help: "Publishes to this queue alone.", completion: .list(Names.origins))
    var toQueue: String?

    @Flag(help: "Publishes to the exchange of all events: everybody who wants them gets them again.")
    var toExchange = false

    @Flag(name: .customLong("new-ids"), help: "Gives each a new id, so that it is worked on again.")
    var newIDs = false

    @Option(help: "At most so many.")
    var limit: Int?

    @OptionGroup var action: ActionOptions
    @OptionGroup var broker: BrokerOptions

    func validate() throws {
        guard (file == nil) != (stream == nil) else { throw ValidationError("give either a FILE or --stream") }
        guard (toQueue != nil) != toExchange else { throw ValidationError("give either --to-queue or --to-exchange") }
        guard stream == nil || from != nil else { throw ValidationError("--stream needs --from: first, 2h, or a time") }
        if let limit, limit < 1 { throw ValidationError("--limit: expected a number from 1, got \(limit)") }
    }

    func run() async throws {
        try await Console.reporting {
            let target = toQueue.map { "queue \($0)" } ?? "everybody"
            try await action.confirm("Publish what \(file ?? stream ?? "-") holds to \(target) again?")
            let count = try await replay()
            Console.complain("\(count) \(action.dryRun ? "would be replayed" : "replayed").")
        }
    }

    private func replay() async throws -> Int {
        guard !action.dryRun else {
            return try await forEach { copy in
                Console.print("would replay \(copy.message.messageID ?? "-") to \(Self.name(copy.destination))")
            }
        }
        let count = Mutex(0)
        try await broker.withBroker(topology: .none) { publisher in
            let replayed = try await forEach { copy in
                try await publisher.publish(copy.message, to: copy.destination)
                Console.print("replayed \(copy.message.messageID ?? "-") to \(Self.name(copy.destination))")
            }
            count.withLock { $0 = replayed }
        }
        return count.withLock(\.self)
    }

    /// Runs `body` for each copy, at the rate that was asked for, and returns how many there were.
    private func forEach(_ body: (ReplayPlan.Copy) async throws -> Void) async throws -> Int {
        let plan = plan(now: .now)
        var pace = Pace(action.dryRun ? nil : action.rate)
        var count = 0
        try await source.forEach(try broker.configuration(), from: plan.from.map { .time($0) } ?? .first) {
            record,
            place in
            do {
                guard let copy = try plan.copy(of: record) else { return .goOn }
                try await pace.wait()
                try await body(copy)
            } catch let failure as CommandFailure {
                throw CommandFailure(failure.kind, "\(place): \(failure); \(count) are through")
            } catch let error as MessagingError {
                throw CommandFailure(.failed, "\(place): \(error); \(count) are through")
            }
            count += 1
            return count == limit ? .end : .goOn
        }
        return count
    }

    private var source: ReplaySource { stream.map { .stream($0) } ?? .file(file ?? "-") }

    func plan(now: Timestamp) -> ReplayPlan {
        ReplayPlan(type: type, from: from?.time(now), queue: toQueue, hasNewIDs: newIDs, now: now)
    }

    private static func name(_ destination: Destination) -> String {
        destination.exchange.isEmpty ? destination.routingKey : "\(destination.exchange) as \(destination.routingKey)"
    }
}
