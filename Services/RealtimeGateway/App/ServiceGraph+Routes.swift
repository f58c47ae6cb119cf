import BusBootstrap
import Foundation
import Hummingbird
import Messaging
import RealtimeBus
import RealtimeHTTP
import ServiceBootstrap

/// What is answered to plain requests.
extension ServiceGraph {
    static func router(
        _ configuration: ServiceConfiguration,
        _ context: ServiceContext,
        _ bus: MessageBus,
        _ hub: Hub,
        _ management: OutboxManagement
    ) -> Router<BasicRequestContext> {
        let routes = GatewayRoutes(
            ServiceDescription(
                name: name,
                version: Suite.version,
                environment: configuration[Settings.environment]
            ),
            mediaURL: configuration[Settings.cdnBaseURL],
            mediaRoot: configuration[Settings.objectStoreURL].path
        )
        let router = routes.router()
        context.probes.addReadinessAndMetrics(to: router)
        HealthRoutes(
            hub: hub,
            origin: context.probes.serviceOrigin,
            environment: configuration[Settings.environment]
        ).add(to: router)
        let ingest = OutboxIngest(database: bus.database, outbox: bus.outbox)
        let apiKey = APIKey(configuration[Settings.apiKey])
        EventRoutes(ingest: ingest, apiKey: apiKey).add(to: router)
        BroadcastRoutes(ingest: ingest, apiKey: apiKey, source: name).add(to: router)
        ConversationRoutes(management: management, apiKey: apiKey).add(to: router)
        UserRoutes(management: management, apiKey: apiKey).add(to: router)
        StatusRoutes(hub: hub, surroundings: StatusRoutes.Surroundings(configuration, bus), apiKey: apiKey).add(
            to: router
        )
        return router
    }
}
