package import Logging
package import ServiceLifecycle

/// A service of the suite, as its runner sees it.
///
///     enum Dispatcher: ServiceDefinition { ... }
///     @main enum Main {
///         static func main() async { await ServiceRunner.run(Dispatcher.self) }
///     }
package protocol ServiceDefinition {
    /// The program's name: `media-processor`.
    static var name: String { get }
    /// What it does, in one line.
    static var summary: String { get }
    /// The settings it reads besides those that all services have.
    static var keys: [KeyDeclaration] { get }
    static var examples: [CommandExample] { get }
    /// The default port for `/health`, `/ready` and `/metrics`; `nil` if it serves them on a port of its own, with
    /// ``ServiceContext/probes``.
    static var adminPort: Int? { get }

    /// Checks what only the service knows of its settings: those that need each other, keys, addresses.
    ///
    /// Called before anything starts, and by `--check-config`: it neither connects nor writes.
    ///
    /// - Throws: what is wrong; its description is the one line that an operator sees.
    static func check(_ configuration: ServiceConfiguration) async throws

    /// Builds everything that runs, in the order in which it starts; it stops in the reverse order.
    ///
    /// Each member runs until it is told to stop by graceful shutdown; one that returns or throws earlier brings the
    /// process down, since half a service is worse than one that is started again.
    ///
    /// - Throws: what keeps it from starting; its description is the one line that an operator sees.
    static func services(
        _ configuration: ServiceConfiguration,
        _ context: ServiceContext
    ) async throws -> [any Service]
}

extension ServiceDefinition {
    package static var adminPort: Int? { nil }

    package static func check(_: ServiceConfiguration) async throws {}

    /// Every key: those all services have, then its own.
    package static var allKeys: [KeyDeclaration] {
        let admin = adminPort.map { [SharedKeys.adminHost.declaration, SharedKeys.adminPort(default: $0).declaration] }
        return SharedKeys.all + [SharedKeys.databaseURL(of: name).declaration] + (admin ?? []) + keys
    }
}

/// What the runner gives a service to stand on.
package struct ServiceContext: Sendable {
    package let logger: Logger
    package let health: HealthRegistry
    package let metrics: PrometheusRegistry
    /// The routes for `/health`, `/ready` and `/metrics`.
    package let probes: ProbeRoutes
    /// What else is served on the admin port, if there is one.
    package let admin: AdminRoutes
    let origin: ServiceLogHandler.Origin
    /// What this process calls itself; unique among the running ones.
    package var instance: String { origin.instance }
}
