import Messaging
import RabbitMQ

/// Whether somebody works on each queue.
struct ConsumersCheck: Check {
    /// Who consumes what; of the other work queues nobody does yet.
    private static let services = [
        Topology.Queue.mediaProcess: "media-processor", Topology.Queue.notifyDispatch: "notification-dispatcher",
        Topology.Queue.notifyWebhook: "notification-dispatcher", Topology.Queue.notifyInApp: "notification-dispatcher",
        Topology.Queue.realtimeEvents: "realtime-gateway",
    ]

    func findings(_ context: DoctorContext) async -> [Finding] {
        do {
            let counts = try await QueueCounts(Topology.workQueues, context.broker)
            let findings = Topology.workQueues.compactMap { queue in counts[queue].flatMap { finding(queue, $0) } }
            return findings.isEmpty ? [.ok(.consumers, "every queue that has work has consumers")] : findings
        } catch {
            return [.warn(.consumers, "consumers cannot be counted: \(error)", mend: "see the user's permissions")]
        }
    }

    private func finding(_ queue: String, _ count: QueueReader.Count) -> Finding? {
        guard count.consumers == 0 else { return nil }
        let waiting = count.messages == 1 ? "1 message waits" : "\(count.messages) messages wait"
        guard let service = Self.services[queue] else {
            guard count.messages > 0 else { return nil }
            return .warn(.consumers, "no service consumes \(queue), where \(waiting)", mend: "do not publish to it")
        }
        let what = "nobody consumes \(queue)" + (count.messages > 0 ? ", where \(waiting)" : "")
        return .warn(.consumers, what, mend: "start \(service), or see its log")
    }
}

/// The counts of some queues, those that there are.
struct QueueCounts: Sendable {
    private var counts: [String: QueueReader.Count] = [:]

    init(_ queues: [String], _ configuration: RabbitMQConfiguration) async throws {
        counts = try await QueueReader.with(configuration, name: configuration.connectionName) { reader in
            var counts: [String: QueueReader.Count] = [:]
            for queue in queues { counts[queue] = try await reader.count(queue) }
            return counts
        }
    }

    subscript(queue: String) -> QueueReader.Count? { counts[queue] }
}
