/// How a broker's connections are, at one moment.
package struct BrokerStatus: Sendable, Hashable {
    /// One connection.
    package enum Connection: Sendable, Hashable {
        /// Not there; with the reason why the last try failed.
        case connecting(lastError: String?)
        case connected
        /// There, but the broker takes no messages.
        case blocked(reason: String)
        /// Ended on purpose.
        case closed

        /// What keeps it from working; `nil` if nothing does.
        package var problem: String? {
            switch self {
            case .connecting(let lastError): "not connected: \(lastError ?? "first try")"
            case .connected: nil
            case .blocked(let reason): "blocked by the broker: \(reason)"
            case .closed: "closed"
            }
        }
    }

    package var publisher: Connection
    /// By queue.
    package var consumers: [String: Connection]

    package init(publisher: Connection, consumers: [String: Connection]) {
        self.publisher = publisher
        self.consumers = consumers
    }

    /// What keeps a service from being ready, one reason each; empty if nothing does.
    package var problems: [String] {
        let ofConsumers = consumers.sorted { $0.key < $1.key }.compactMap { queue, connection in
            connection.problem.map { "consumer of \(queue): \($0)" }
        }
        return [publisher.problem.map { "publisher: \($0)" }].compactMap(\.self) + ofConsumers
    }

    package var isReady: Bool { problems.isEmpty }
}
