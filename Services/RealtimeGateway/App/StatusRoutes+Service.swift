import BusBootstrap
import Messaging
import Persistence
import RealtimeHTTP
import ServiceBootstrap

extension StatusRoutes.Surroundings {
    /// What the status page tells of the rest of this service.
    init(_ configuration: ServiceConfiguration, _ bus: MessageBus) {
        self.init(
            environment: configuration[Settings.environment],
            databaseProblem: { bus.database.problem },
            pingDatabase: { _ = try await bus.database.read { try $0.query("SELECT 1") } },
            databaseConnections: { bus.database.connectionCount },
            outboxCount: { bus.outbox.count }
        )
    }
}
