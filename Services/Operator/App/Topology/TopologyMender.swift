import EventSchema
import Messaging

/// Makes on a broker what is missing, and mends what can be mended without touching a message.
struct TopologyMender: Sendable {
    let client: ManagementClient
    let expected: ExpectedTopology

    private var host: String { client.access.virtualHost }

    /// Carries out the differences that ``TopologyDifference/Remedy/apply`` mends, and tells each.
    ///
    /// Policies first, so that no queue is ever without; then what they apply to.
    func mend(_ differences: [TopologyDifference], _ tell: (String) -> Void) async throws(ManagementError) {
        let due = differences.filter { $0.remedy == .apply }
        let names = { (object: TopologyDifference.Object) in Set(due.filter { $0.object == object }.map(\.name)) }
        for policy in expected.policies where names(.policy).contains(policy.name) {
            try await put(policy)
            tell("policy \(policy.name) is set")
        }
        for exchange in expected.exchanges where names(.exchange).contains(exchange.name) {
            try await put(exchange)
            tell("exchange \(exchange.name) is made")
        }
        for queue in expected.queues where names(.queue).contains(queue.name) {
            try await client.put(
                ["queues", host, queue.name],
                ["durable": true, "auto_delete": false, "arguments": .object(queue.arguments)]
            )
            tell("queue \(queue.name) is made")
        }
        for binding in expected.bindings {
            let name = TopologyComparison.name(binding.exchange, binding.routingKey, binding.queue)
            guard names(.binding).contains(name) else { continue }
            try await client.post(
                ["bindings", host, "e", binding.exchange, "q", binding.queue],
                ["routing_key": .string(binding.routingKey), "arguments": [:]]
            )
            tell("binding \(name) is made")
        }
    }

    private func put(_ policy: Topology.PolicyDeclaration) async throws(ManagementError) {
        try await client.put(
            ["policies", host, policy.name],
            [
                "pattern": .string(policy.pattern), "apply-to": "queues", "priority": .integer(policy.priority),
                "definition": .object(policy.definition),
            ]
        )
    }

    private func put(_ exchange: Topology.ExchangeDeclaration) async throws(ManagementError) {
        let arguments: JSONObject = exchange.alternate.map { ["alternate-exchange": .string($0)] } ?? [:]
        try await client.put(
            ["exchanges", host, exchange.name],
            [
                "type": .string(exchange.kind.rawValue), "durable": true, "auto_delete": false, "internal": false,
                "arguments": .object(arguments),
            ]
        )
    }
}
