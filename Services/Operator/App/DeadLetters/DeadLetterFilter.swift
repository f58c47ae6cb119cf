import ArgumentParser
import EventSchema
import Messaging

/// Which dead letters are meant; all of them if nothing is said.
struct DeadLetterFilter: ParsableArguments {
    @Option(
        name: .customLong("queue"),
        help: "The queue they were parked from, or events.unrouted; several times. All parkings if not given.",
        completion: .list(Names.origins)
    )
    var origins: [String] = []

    @Option(help: "The event type.", completion: .list(Names.eventTypes))
    var type: String?

    @Option(name: .customLong("event-id"), help: "The event's id.")
    var eventID: String?

    @Option(help: "A part of the reason.")
    var reason: String?

    @Option(help: "Parked longer ago than this: 90s, 30m, 36h, 7d.")
    var olderThan: Age?

    @Option(help: "At most so many.")
    var limit: Int?

    func validate() throws {
        if let limit, limit < 1 { throw ValidationError("--limit: expected a number from 1, got \(limit)") }
    }

    /// The queues to read.
    var queues: [String] {
        guard !origins.isEmpty else { return Topology.workQueues.map { Topology.parking(of: $0) } }
        return origins.map { name in
            name == Topology.Queue.unrouted || name.hasSuffix(".parking") ? name : Topology.parking(of: name)
        }
    }

    func matches(_ letter: DeadLetter, now: Timestamp) -> Bool {
        if let olderThan {
            guard let parkedAt = letter.parkedAt, parkedAt < olderThan.before(now) else { return false }
        }
        if let reason, !letter.reason.lowercased().contains(reason.lowercased()) { return false }
        if let eventID, letter.id.lowercased() != eventID.lowercased() { return false }
        if let type, letter.type != type { return false }
        return true
    }
}
