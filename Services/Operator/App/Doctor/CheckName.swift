import ArgumentParser

/// What `doctor` looks at, in this order.
enum CheckName: String, CaseIterable, Sendable, Hashable, ExpressibleByArgument {
    case broker, management, permissions, topology, partitions, leaders, alarms
    case consumerTimeout = "consumer-timeout"
    case features, clock, consumers, parked, database
    case objectStore = "object-store"

    static let width = allCases.map(\.rawValue.count).max() ?? 0

    /// Whether it asks the management API.
    var needsManagement: Bool {
        switch self {
        case .permissions, .topology, .partitions, .leaders, .alarms, .consumerTimeout, .features, .clock: true
        case .broker, .management, .consumers, .parked, .database, .objectStore: false
        }
    }

    /// Whether it needs a connection to the broker.
    var needsBroker: Bool { self == .consumers || self == .parked }
}
