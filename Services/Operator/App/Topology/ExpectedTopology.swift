import EventSchema
import Messaging

/// What a broker of some version should have.
struct ExpectedTopology: Sendable {
    struct Queue: Sendable, Hashable {
        var name: String
        var arguments: JSONObject
    }

    var exchanges: [Topology.ExchangeDeclaration]
    var queues: [Queue]
    var bindings: [Topology.BindingDeclaration]
    var policies: [Topology.PolicyDeclaration]

    /// - Parameter withLog: Whether every event is kept in a stream, too.
    init(
        _ declaration: Topology.Declaration = .suite,
        for version: ServerVersion,
        withLog: Bool = false
    ) {
        exchanges = declaration.exchanges
        queues = declaration.queues.map { Queue(name: $0.name, arguments: ["x-queue-type": "quorum"]) }
        bindings = declaration.bindings
        policies = declaration.policies.map { $0.spelled(for: version) }
        guard withLog else { return }
        queues.append(Queue(name: EventLog.queue, arguments: ["x-queue-type": "stream"]))
        bindings.append(.init(Topology.Exchange.events, "#", to: EventLog.queue))
        policies.append(EventLog.policy)
    }

    /// The policy of ours that should apply to a queue: of those that match the one with the highest priority.
    func policy(for queue: String) -> Topology.PolicyDeclaration? {
        policies.filter { $0.matches(queue) }.max { $0.priority < $1.priority }
    }
}

/// The stream that keeps every event for a week, for `events replay`.
enum EventLog {
    static let queue = "events.log"

    /// A policy and no arguments: they can be changed without losing what is kept.
    static let policy = Topology.PolicyDeclaration(
        "log",
        pattern: #"^events\.log$"#,
        priority: 5,
        ["max-age": "7D", "max-length-bytes": 20_000_000_000]
    )
}

extension Topology.PolicyDeclaration {
    /// 4 h in milliseconds: a transcode may hold its message until its result is announced.
    private static let longestJob = JSONValue.integer(14_400_000)

    /// The policy with what brokers of this version know, and those before refuse.
    fileprivate func spelled(for version: ServerVersion) -> Self {
        guard version >= .withConsumerTimeoutPolicy, matches(Topology.Queue.mediaProcess), priority == 10 else {
            return self
        }
        var policy = self
        policy.definition["consumer-timeout"] = Self.longestJob
        return policy
    }

    func matches(_ queue: String) -> Bool { queue.matches(pattern: pattern) }
}

extension RunningTopology.Policy {
    func applies(to queue: ExpectedTopology.Queue) -> Bool {
        let kind = queue.arguments["x-queue-type"] == "stream" ? "streams" : "quorum_queues"
        return ["all", "queues", kind].contains(appliesTo) && queue.name.matches(pattern: pattern)
    }
}

extension String {
    /// Whether the pattern is found anywhere, as RabbitMQ reads patterns; one that cannot be read is not.
    fileprivate func matches(pattern: String) -> Bool {
        guard let expression = try? Regex(pattern) else { return false }
        return firstMatch(of: expression) != nil
    }
}
