import EventSchema
import Messaging
import RabbitMQ

/// Whether the user may do what the services do.
struct PermissionsCheck: Check {
    func findings(_ context: DoctorContext) async throws(ManagementError) -> [Finding] {
        let user = context.broker.address.user
        let grant = "rabbitmqctl set_permissions -p '\(context.virtualHost)' '\(user)' '.*' '.*' '.*'"
        let answer: JSONValue
        do throws(ManagementError) {
            answer = try await context.management.answer(["permissions", context.virtualHost, user]).value
        } catch {
            guard error.code == .notFound else { throw error }
            return [.fail(.permissions, "\(user) has no permissions in \(context.virtualHost)", mend: grant)]
        }
        let findings = PermissionNeeds.all.compactMap { need -> Finding? in
            let pattern = answer[need.name]?.stringValue ?? ""
            guard let refused = need.refused(by: pattern) else {
                let what = "the permission to \(need.name) is '\(pattern)', which cannot be read"
                return .warn(.permissions, what, mend: grant)
            }
            guard let first = refused.first else { return nil }
            let more = refused.count > 1 ? " and \(refused.count - 1) more" : ""
            let what = "\(user) may not \(need.name) \(first)\(more): the permission is '\(pattern)'"
            return .fail(.permissions, what, mend: grant)
        }
        return findings.isEmpty ? [.ok(.permissions, "\(user) may do all that the services do")] : findings
    }
}

/// What the services need one kind of permission for.
struct PermissionNeeds: Sendable {
    /// As RabbitMQ calls it.
    let name: String
    /// Names of exchanges and queues.
    let resources: [String]

    private static let exchanges = Topology.Declaration.suite.exchanges.map(\.name)
    private static let queues = Topology.Declaration.suite.queues.map(\.name)

    /// Services declare everything at each connect, which also binds: that takes write on the queue and read on the
    /// exchange (<https://www.rabbitmq.com/docs/access-control>).
    static let all = ["configure", "write", "read"].map { name in
        PermissionNeeds(name: name, resources: exchanges + queues.filter { !exchanges.contains($0) })
    }

    /// What a pattern does not grant; `nil` if it is no pattern.
    func refused(by pattern: String) -> [String]? {
        // RabbitMQ reads an empty pattern as `^$`.
        guard !pattern.isEmpty else { return resources }
        guard let expression = try? Regex(pattern) else { return nil }
        return resources.filter { $0.firstMatch(of: expression) == nil }
    }
}
