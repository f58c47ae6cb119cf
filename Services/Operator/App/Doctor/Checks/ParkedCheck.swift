import Messaging
import RabbitMQ

/// Whether messages wait for an operator.
struct ParkedCheck: Check {
    func findings(_ context: DoctorContext) async -> [Finding] {
        let queues = Topology.workQueues.map { Topology.parking(of: $0) } + [Topology.Queue.unrouted]
        do {
            let counts = try await QueueCounts(queues, context.broker)
            let findings = queues.compactMap { queue -> Finding? in
                guard let count = counts[queue]?.messages, count > 0 else { return nil }
                return finding(queue, count)
            }
            return findings.isEmpty ? [.ok(.parked, "nothing is parked, and nothing unroutable")] : findings
        } catch {
            return [.warn(.parked, "dead letters cannot be counted: \(error)", mend: "see the user's permissions")]
        }
    }

    private func finding(_ queue: String, _ count: Int) -> Finding {
        let messages = count == 1 ? "1 message" : "\(count) messages"
        guard queue == Topology.Queue.unrouted else {
            let origin = String(queue.dropLast(".parking".count))
            let what = "\(messages) of \(origin) \(count == 1 ? "is" : "are") parked"
            return .warn(
                .parked,
                what,
                mend: "`martlet dead-letters list --queue \(origin)` says why; requeue or drop them"
            )
        }
        return .warn(
            .parked,
            "\(messages) that no queue takes",
            mend: "`martlet dead-letters list --queue \(queue)`: is an event type misspelled, or a binding missing?"
        )
    }
}
