import EventSchema
import Messaging
import RabbitMQ

/// Reads parking queues from their heads and shows each message that is meant.
///
/// A message stays where it is unless its visitor has dealt with it for good; the end of the walk, also a sudden one, puts
/// all others back in their order. Each queue is read as far as it reached at the start: what is parked meanwhile, perhaps
/// because of what the visitor does, is not visited.
struct DeadLetterWalk: Sendable {
    /// What becomes of a visited message.
    enum Fate: Sendable {
        case kept
        /// The broker may forget it.
        case done
    }

    let configuration: RabbitMQConfiguration
    let filter: DeadLetterFilter

    /// Visits the messages and returns how many there were.
    @discardableResult
    func run(_ visit: (DeadLetter) async throws -> Fate) async throws -> Int {
        var visited = 0
        for queue in filter.queues where !isEnough(visited) {
            visited += try await BrokerOptions.withReader(configuration) { reader in
                try await read(queue, reader, after: visited, visit)
            }
        }
        return visited
    }

    private func read(
        _ queue: String,
        _ reader: QueueReader,
        after before: Int,
        _ visit: (DeadLetter) async throws -> Fate
    ) async throws -> Int {
        guard let count = try await reader.count(queue) else {
            // Without a name, those of the suite are meant as far as they are there.
            guard !filter.origins.isEmpty else { return 0 }
            throw CommandFailure(.failed, "there is no queue \(queue); `martlet topology plan` tells what is missing")
        }
        guard count.messages > 0 else { return 0 }
        let now = Timestamp.now
        var visited = 0
        var isFresh = false
        try await reader.start(queue)
        for _ in 0..<count.messages {
            // What was given back before must all be taken, or what we give back comes to lie behind it.
            if isFresh, isEnough(before + visited) { break }
            guard let taken = try await reader.next() else { break }
            isFresh = isFresh || taken.isFresh
            guard !isEnough(before + visited) else { continue }
            let letter = DeadLetter(queue: queue, message: taken.message, source: taken.source)
            guard filter.matches(letter, now: now) else { continue }
            visited += 1
            if try await visit(letter) == .done { try await reader.acknowledge(taken) }
        }
        return visited
    }

    private func isEnough(_ visited: Int) -> Bool { filter.limit.map { visited >= $0 } ?? false }
}
