import BusBootstrap
import Foundation
import Hummingbird
import Messaging
import ObjectStorage
import RealtimeBus
import RealtimeHTTP
import ServiceBootstrap

/// What is answered to plain requests.
extension ServiceGraph {
    static func router(
        _ core: GatewayCore,
        _ configuration: ServiceConfiguration,
        _ context: ServiceContext
    ) -> Router<BasicRequestContext> {
        let routes = GatewayRoutes(
            ServiceDescription(
                name: name,
                version: Suite.version,
                environment: configuration[Settings.environment]
            ),
            mediaURL: configuration[Settings.cdnBaseURL],
            mediaRoot: configuration[Settings.objectStoreURL].folder
        )
        let router = routes.router()
        context.probes.addReadinessAndMetrics(to: router)
        HealthRoutes(
            hub: core.hub,
            origin: context.probes.serviceOrigin,
            environment: configuration[Settings.environment]
        ).add(to: router)
        let ingest = OutboxIngest(database: core.bus.database, outbox: core.bus.outbox)
        let apiKey = APIKey(configuration[Settings.apiKey])
        EventRoutes(ingest: ingest, apiKey: apiKey).add(to: router)
        BroadcastRoutes(ingest: ingest, apiKey: apiKey, source: name).add(to: router)
        ConversationRoutes(management: core.management, apiKey: apiKey).add(to: router)
        UserRoutes(management: core.management, apiKey: apiKey).add(to: router)
        StatusRoutes(hub: core.hub, surroundings: StatusRoutes.Surroundings(configuration, core.bus), apiKey: apiKey)
            .add(
                to: router
            )
        return router
    }
}

extension ObjectStoreLocation {
    /// The folder to serve; `nil` if media lie elsewhere.
    fileprivate var folder: String? {
        if case .local(let path) = self { path } else { nil }
    }
}
