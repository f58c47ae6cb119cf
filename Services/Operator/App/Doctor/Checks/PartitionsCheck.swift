import EventSchema

/// Whether a cluster is whole, and what it does when it is not.
struct PartitionsCheck: Check {
    /// Ways in which a minority confirms nothing that the majority does not see.
    private static let safe = ["pause_minority", "pause_if_all_down"]

    func findings(_ context: DoctorContext) async throws(ManagementError) -> [Finding] {
        let nodes = try await ClusterNode.all(context.management)
        let down = nodes.filter { !$0.isRunning }.map { node in
            Finding.fail(
                .partitions,
                "node \(node.name) does not run",
                mend: "start it, or `rabbitmqctl forget_cluster_node`"
            )
        }
        let cut = nodes.filter { !$0.partitions.isEmpty }.map { node in
            Finding.fail(
                .partitions,
                "node \(node.name) does not see \(node.partitions.joined(separator: ", "))",
                mend: "mend the network, then restart the nodes of the smaller side"
            )
        }
        return down + cut + [await mode(nodes.count, context)]
    }

    private func mode(_ count: Int, _ context: DoctorContext) async -> Finding {
        guard count > 1 else { return .ok(.partitions, "one node: there is nothing to be cut off from") }
        let setting = "cluster_partition_handling = pause_minority"
        guard let mode = await context.rabbitmqctl?.setting("cluster_partition_handling") else {
            return .warn(
                .partitions,
                "what the \(count) nodes do when the network breaks is to be seen by rabbitmqctl only",
                mend: "set \(setting) in rabbitmq.conf; --rabbitmqctl COMMAND has it looked at"
            )
        }
        guard Self.safe.contains(where: { mode.contains($0) }) else {
            return .fail(
                .partitions,
                "of \(count) nodes those that are cut off go on (\(mode)), and lose what they confirm",
                mend: "set \(setting) in rabbitmq.conf and restart the nodes one by one"
            )
        }
        return .ok(.partitions, "\(count) nodes; \(mode) when the network breaks")
    }
}

/// A node of the broker.
struct ClusterNode: Sendable, Hashable {
    var name: String
    var isRunning: Bool
    var partitions: [String]
    var hasMemoryAlarm: Bool
    var hasDiskAlarm: Bool

    static func all(_ client: ManagementClient) async throws(ManagementError) -> [ClusterNode] {
        let columns = ["name", "running", "partitions", "mem_alarm", "disk_free_alarm"]
        let value = try await client.answer(["nodes"], columns: columns).value
        return (value.arrayValue ?? []).map { node in
            ClusterNode(node)
        }
    }

    private init(_ node: JSONValue) {
        name = node["name"]?.stringValue ?? "without name"
        isRunning = node["running"]?.boolValue ?? false
        partitions = (node["partitions"]?.arrayValue ?? []).compactMap { $0.stringValue }
        hasMemoryAlarm = node["mem_alarm"]?.boolValue ?? false
        hasDiskAlarm = node["disk_free_alarm"]?.boolValue ?? false
    }
}
