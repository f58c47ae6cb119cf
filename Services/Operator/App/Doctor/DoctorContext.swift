import Foundation
import RabbitMQ

/// What the checks know of where they are.
struct DoctorContext: Sendable {
    let broker: RabbitMQConfiguration
    let management: ManagementClient
    /// How to run rabbitmqctl, if at all.
    let rabbitmqctl: RabbitMQCtl?
    /// The longest time that a handler may hold a message.
    let longestJob: Duration
    var environment = ProcessInfo.processInfo.environment

    /// A setting that services have, too; `nil` if it is not set.
    func setting(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }

    var virtualHost: String { management.access.virtualHost }
}

/// One thing to look at.
protocol Check: Sendable {
    /// Looks, within bounds of its own.
    ///
    /// - Throws: ``ManagementError`` for what could not be seen.
    func findings(_ context: DoctorContext) async throws(ManagementError) -> [Finding]
}

extension CheckName {
    var check: any Check {
        switch self {
        case .broker: BrokerCheck()
        case .management: ManagementCheck()
        case .permissions: PermissionsCheck()
        case .topology: TopologyCheck()
        case .partitions: PartitionsCheck()
        case .leaders: LeadersCheck()
        case .alarms: AlarmsCheck()
        case .consumerTimeout: ConsumerTimeoutCheck()
        case .features: FeaturesCheck()
        case .clock: ClockCheck()
        case .consumers: ConsumersCheck()
        case .parked: ParkedCheck()
        case .database: DatabaseCheck()
        case .objectStore: ObjectStoreCheck()
        }
    }
}
