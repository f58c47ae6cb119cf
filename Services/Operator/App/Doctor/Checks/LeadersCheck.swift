import EventSchema

/// Whether each quorum queue has a leader: without one it takes nothing and gives nothing, and a client only waits.
struct LeadersCheck: Check {
    /// A leader reports every 5 s, and the management API asks every 5 s; 12 looks are for one that has just begun.
    private static let looks = 12

    func findings(_ context: DoctorContext) async throws(ManagementError) -> [Finding] {
        var queues = try await QuorumQueue.all(context)
        for _ in 1..<Self.looks where queues.contains(where: { $0.state == .silent }) {
            // Cancelled, it looks once more and tells what it sees.
            try? await Task.sleep(for: .seconds(1))
            queues = try await QuorumQueue.all(context)
        }
        return Self.findings(queues)
    }

    static func findings(_ queues: [QuorumQueue]) -> [Finding] {
        let lost = finding(queues.filter { $0.state == .leaderless }, "have no leader")
        let silent = finding(queues.filter { $0.state == .silent }, "have a leader that reports nothing")
        let failures = [lost, silent].compactMap(\.self)
        return failures.isEmpty ? [.ok(.leaders, "every quorum queue has a leader that reports")] : failures
    }

    private static func finding(_ queues: [QuorumQueue], _ trouble: String) -> Finding? {
        guard !queues.isEmpty else { return nil }
        let named = queues.map(\.name).sorted().prefix(8).joined(separator: ", ")
        let more = queues.count > 8 ? " and \(queues.count - 8) more" : ""
        let nodes = Set(queues.flatMap(\.missing)).sorted().joined(separator: ", ")
        return .fail(
            .leaders,
            "quorum queues that \(trouble), and stand still: \(named)\(more)",
            mend: nodes.isEmpty
                ? "restart the broker's nodes one by one: the queues elect again"
                : "start what does not run on \(nodes)"
        )
    }
}

/// What the management API tells of a quorum queue.
struct QuorumQueue: Sendable, Hashable {
    enum State: Sendable, Hashable {
        case led
        case leaderless
        /// By the broker's book it has a leader; nobody has reported for it.
        case silent
    }

    let name: String
    let state: State
    /// Nodes that hold it and do not run it.
    let missing: [String]

    static func all(_ context: DoctorContext) async throws(ManagementError) -> [QuorumQueue] {
        let columns = ["name", "type", "leader", "state", "members", "online"]
        let answer = try await context.management.answer(["queues", context.virtualHost], columns: columns)
        return (answer.value.arrayValue ?? []).compactMap { QuorumQueue($0) }
    }

    /// `nil` for a queue of another kind.
    init?(_ queue: JSONValue) {
        guard queue["type"]?.stringValue == "quorum", let name = queue["name"]?.stringValue else { return nil }
        self.name = name
        let hasLeader = queue["leader"]?.stringValue.map { !$0.isEmpty } ?? false
        state = !hasLeader ? .leaderless : queue["state"] == nil ? .silent : .led
        let names = { (key: String) in (queue[key]?.arrayValue ?? []).compactMap(\.stringValue) }
        let online = Set(names("online"))
        missing = names("members").filter { !online.contains($0) }
    }
}
