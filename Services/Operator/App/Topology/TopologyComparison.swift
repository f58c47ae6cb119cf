import EventSchema
import Messaging

/// Holds what a broker has against what it should have.
struct TopologyComparison: Sendable {
    let expected: ExpectedTopology
    let running: RunningTopology

    /// The differences, exchanges first.
    var differences: [TopologyDifference] {
        exchanges + queues + bindings + policies + overruled + extras
    }

    // MARK: What should be there

    private var exchanges: [TopologyDifference] {
        expected.exchanges.flatMap { exchange -> [TopologyDifference] in
            guard let found = running.exchanges.first(where: { $0.name == exchange.name }) else {
                return [TopologyDifference(kind: .missing, object: .exchange, name: exchange.name)]
            }
            let pairs: [(String, JSONValue, JSONValue)] = [
                ("type", .string(found.type), .string(exchange.kind.rawValue)),
                ("durable", .bool(found.isDurable), true),
                (
                    "alternate-exchange", found.arguments["alternate-exchange"] ?? .null,
                    exchange.alternate.map { .string($0) } ?? .null
                ),
            ]
            return differing(.exchange, exchange.name, pairs, .byHand(Self.remakingExchange(exchange.name)))
        }
    }

    private var queues: [TopologyDifference] {
        expected.queues.flatMap { queue -> [TopologyDifference] in
            guard let found = running.queues.first(where: { $0.name == queue.name }) else {
                return [TopologyDifference(kind: .missing, object: .queue, name: queue.name)]
            }
            let names = Set(queue.arguments.keys).union(found.arguments.keys).sorted()
            // A broker that knows only one type leaves it out.
            let none: JSONValue = queue.arguments["x-queue-type"] == nil ? .null : "classic"
            let pairs = names.map { name in
                (name, found.arguments[name] ?? (name == "x-queue-type" ? none : .null), queue.arguments[name] ?? .null)
            }
            let durable: (String, JSONValue, JSONValue) = ("durable", .bool(found.isDurable), true)
            return differing(.queue, queue.name, pairs + [durable], .byHand(Self.remakingQueue(queue.name)))
        }
    }

    private var bindings: [TopologyDifference] {
        expected.bindings.compactMap { binding in
            let found = running.bindings.contains {
                $0.exchange == binding.exchange && $0.queue == binding.queue && $0.routingKey == binding.routingKey
            }
            let name = Self.name(binding.exchange, binding.routingKey, binding.queue)
            return found ? nil : TopologyDifference(kind: .missing, object: .binding, name: name)
        }
    }

    private var policies: [TopologyDifference] {
        expected.policies.flatMap { policy -> [TopologyDifference] in
            guard let found = running.policies.first(where: { $0.name == policy.name }) else {
                return [TopologyDifference(kind: .missing, object: .policy, name: policy.name)]
            }
            let names = Set(policy.definition.keys).union(found.definition.keys).sorted()
            let pairs: [(String, JSONValue, JSONValue)] =
                [
                    ("pattern", .string(found.pattern), .string(policy.pattern)),
                    ("apply-to", .string(found.appliesTo), "queues"),
                    ("priority", .integer(found.priority), .integer(policy.priority)),
                ] + names.map { ($0, found.definition[$0] ?? .null, policy.definition[$0] ?? .null) }
            return differing(.policy, policy.name, pairs, .apply)
        }
    }

    // MARK: What should not be there

    /// Queues to which somebody else's policy applies: a queue has one, the one with the highest priority.
    private var overruled: [TopologyDifference] {
        let strangers = running.policies.filter { policy in !expected.policies.contains { $0.name == policy.name } }
        return expected.queues.compactMap { queue in
            // Of two with the same priority the broker takes either.
            guard let own = expected.policy(for: queue.name),
                let other = strangers.first(where: { $0.priority >= own.priority && $0.applies(to: queue) })
            else { return nil }
            return TopologyDifference(
                kind: .differs,
                object: .queue,
                name: queue.name,
                field: "policy in effect",
                actual: .string(other.name),
                expected: .string(own.name),
                remedy: .byHand("delete the policy \(other.name), or give it a priority below \(own.priority)")
            )
        }
    }

    private var extras: [TopologyDifference] {
        let ours = Set(expected.queues.map(\.name))
        let bindings = running.bindings.filter { binding in
            ours.contains(binding.queue)
                && !expected.bindings.contains {
                    $0.exchange == binding.exchange && $0.queue == binding.queue && $0.routingKey == binding.routingKey
                }
        }
        let queues = running.queues.map(\.name).filter { name in
            !ours.contains(name)
                && (name.hasSuffix(".parking") || name.hasPrefix("retry.") || name.hasPrefix("notify."))
        }
        let exchanges = running.exchanges.map(\.name).filter { name in
            name.hasPrefix("retry.") && !expected.exchanges.contains { $0.name == name }
        }
        let policies = running.policies.map(\.name).filter { name in
            (name.hasPrefix("work.") || name.hasPrefix("retry.")) && !expected.policies.contains { $0.name == name }
        }
        return exchanges.sorted().map { Self.extra(.exchange, $0) } + queues.sorted().map { Self.extra(.queue, $0) }
            + bindings.map { Self.extra(.binding, Self.name($0.exchange, $0.routingKey, $0.queue)) }
            + policies.sorted().map { Self.extra(.policy, $0) }
    }

    // MARK: Words

    private func differing(
        _ object: TopologyDifference.Object,
        _ name: String,
        _ pairs: [(field: String, actual: JSONValue, expected: JSONValue)],
        _ remedy: TopologyDifference.Remedy
    ) -> [TopologyDifference] {
        pairs.filter { $0.actual != $0.expected }.map { pair in
            TopologyDifference(
                kind: .differs,
                object: object,
                name: name,
                field: pair.field,
                actual: pair.actual,
                expected: pair.expected,
                remedy: remedy
            )
        }
    }

    private static func extra(_ object: TopologyDifference.Object, _ name: String) -> TopologyDifference {
        TopologyDifference(kind: .extra, object: object, name: name, remedy: .none)
    }

    static func name(_ exchange: String, _ key: String, _ queue: String) -> String {
        "\(exchange) -- \(key.isEmpty ? "\"\"" : key) --> \(queue)"
    }

    private static func remakingQueue(_ queue: String) -> String {
        "what a queue was declared with cannot be changed: stop its services, empty it (let them work it off, or "
            + "`martlet dead-letters export FILE --queue \(queue)` for a parking), delete it, run `martlet topology apply`"
    }

    private static func remakingExchange(_ exchange: String) -> String {
        "what an exchange was declared with cannot be changed: stop its publishers, delete \(exchange), run "
            + "`martlet topology apply`, which also makes its bindings anew"
    }
}
