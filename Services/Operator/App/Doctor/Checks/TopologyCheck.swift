/// Whether exchanges, alternate exchanges, queues, bindings and policies are as the suite declares them.
struct TopologyCheck: Check {
    private static let shown = 8

    func findings(_ context: DoctorContext) async throws(ManagementError) -> [Finding] {
        let running = try await RunningTopology(context.management)
        // Whoever has the log has asked for it.
        let hasLog = running.queues.contains { $0.name == EventLog.queue }
        let expected = ExpectedTopology(for: running.version, withLog: hasLog)
        let differences = TopologyComparison(expected: expected, running: running).differences
        let log: [Finding] = hasLog ? [Self.log] : []
        guard !differences.isEmpty else {
            return [.ok(.topology, "exchanges, queues, bindings and policies are as the suite declares them")] + log
        }
        let rest = differences.dropFirst(Self.shown).count { $0.kind != .extra }
        let more: [Finding] =
            rest > 0 ? [.fail(.topology, "\(rest) more differ", mend: "`martlet topology plan` tells all")] : []
        return differences.prefix(Self.shown).map(finding) + more + log
    }

    private func finding(_ difference: TopologyDifference) -> Finding {
        switch difference.remedy {
        case .apply: .fail(.topology, difference.text, mend: "`martlet topology apply`")
        case .byHand(let steps): .fail(.topology, difference.text, mend: steps)
        case .none: .warn(.topology, difference.text, mend: "delete it if nobody needs it")
        }
    }

    private static let log = Finding.warn(
        .topology,
        "\(EventLog.queue) takes every event: what no service takes is not told apart in events.unrouted",
        mend: "nothing, if replaying is worth it; else delete the queue \(EventLog.queue)"
    )
}
