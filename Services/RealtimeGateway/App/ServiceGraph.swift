import BusBootstrap
import Foundation
import Hummingbird
import Logging
import Messaging
import NIOCore
import NIOPosix
import RealtimeAuthorization
import RealtimeBus
import RealtimeDomain
import RealtimeHTTP
import RealtimePhoenix
import RealtimeStore
import ServiceBootstrap
import ServiceLifecycle

/// What this service is made of, and how it hangs together.
///
/// Bus events reach the feed, the feed broadcasts to the hub, and the hub delivers to the connections of each event loop.
/// Clients' messages enter through Phoenix channels and leave through the same hub.
enum ServiceGraph: ServiceDefinition {
    static let name = "realtime-gateway"
    static let summary = "Connects browsers and phones to what happens: WebSockets, REST, media files."
    static let keys = Settings.keys
    static let examples = [
        CommandExample(
            "JWT_SECRET=$(openssl rand -hex 32) realtime-gateway",
            "On the RabbitMQ of this machine, at http://127.0.0.1:4000/."
        ),
        CommandExample("curl -s http://127.0.0.1:4000/ready", "Asks whether it is ready, and why not."),
    ]

    static func check(_ configuration: ServiceConfiguration) async throws {
        try MessageBus.check(configuration, name: name)
        _ = try await tokens(configuration)
    }

    static func services(
        _ configuration: ServiceConfiguration,
        _ context: ServiceContext
    ) async throws -> [any Service] {
        let tokens = try await tokens(configuration)
        let bus = try await MessageBus(
            configuration,
            context,
            name: name,
            schema: [ConversationSchema.component],
            retaining: ConversationSchema.retention
        )
        let group = eventLoops()
        let hub = Hub(
            group: group,
            drainTime: configuration[SharedKeys.drainSeconds] * drainShare,
            connectionsPerUser: configuration[Settings.connectionsPerUser]
        )
        let feed = RealtimeFeed(broadcaster: hub, node: context.instance)
        let announcements = NodeAnnouncements(outbox: bus.outbox, node: context.instance)
        let store = SQLConversationStore(database: bus.database, tellNodes: announcements.add)
        let authorizer = authorizer(configuration, context.logger)
        let conversations = Conversations(
            store: store,
            audience: ConversationBroadcasts(hub: hub),
            rules: rules(configuration),
            access: ConversationAccess(
                admitsUnknown: configuration[Settings.conversations] == .open,
                authorizer: authorizer
            ),
            clients: hub
        )
        let doorkeeper = Doorkeeper(conversations: conversations, clients: hub, node: context.instance)
        let management = OutboxManagement(
            database: bus.database,
            outbox: bus.outbox,
            store: store,
            conversations: SQLConversationStore.transaction,
            doorkeeper: doorkeeper,
            clients: hub,
            node: context.instance
        )
        let phoenix = phoenix(hub, feed, conversations, tokens, configuration, context)
        let router = router(configuration, context, bus, hub, management)
        phoenix.addRoutes(to: router)
        let server = GatewayServer(
            host: configuration[Settings.host],
            port: configuration[Settings.port],
            settings: GatewayChannel.Settings(
                hub: hub,
                endpoints: [phoenix],
                limits: limits(configuration)
            ),
            responder: router.buildResponder(),
            group: group,
            logger: context.logger
        )
        // The last stops first: clients are let go while events still flow, and the broker outlives its consumers.
        return bus.services + [
            bus.monitor(of: [Topology.Queue.realtimeEvents]),
            NodeRelay(
                consumer: bus.broker,
                inbox: bus.inbox,
                decoder: bus.decoder,
                conversations: SQLConversationStore.transaction,
                notifications: SQLNotificationStore.transaction
            ),
            NodeFeed(
                consumer: bus.broker,
                feed: feed,
                doorkeeper: doorkeeper,
                instance: context.instance,
                logger: context.logger
            ),
            ConversationWriter(conversations),
        ] + (authorizer.map { [$0] } ?? []) + [server]
    }

    /// Of the drain time, what closing the WebSockets may take; the rest is for their answers and for the bus.
    private static let drainShare = 0.6

    /// One event loop per core that may be used, of which the hub can tell 64 apart.
    private static func eventLoops() -> MultiThreadedEventLoopGroup {
        MultiThreadedEventLoopGroup(numberOfThreads: min(AvailableCores.count, 64))
    }

    private static func tokens(_ configuration: ServiceConfiguration) async throws -> JWTTokenVerifier {
        try await JWTTokenVerifier(
            JWTTokenVerifier.Configuration(
                secret: configuration[Settings.jwtSecret],
                publicKeyPEM: configuration[Settings.jwtPublicKey],
                requiresExpiry: configuration[Settings.jwtRequiresExpiry]
            )
        )
    }

    private static func phoenix(
        _ hub: Hub,
        _ feed: RealtimeFeed,
        _ conversations: Conversations,
        _ tokens: JWTTokenVerifier,
        _ configuration: ServiceConfiguration,
        _ context: ServiceContext
    ) -> PhoenixEndpoint {
        let limits = channelLimits(configuration)
        return PhoenixEndpoint(
            application: PhoenixApplication(
                hub: hub,
                router: GatewayChannels(feed: feed, conversations: conversations, limits: limits).router,
                presence: PresenceTracker(
                    hub: hub,
                    window: configuration[Settings.presenceWindow],
                    onChange: ChannelArrivals(hub: hub, limits: limits).tell
                ),
                maximumChannels: configuration[Settings.channelsPerConnection]
            ),
            tokens: tokens,
            origins: AllowedOrigins(configuration[Settings.allowedOrigins]),
            node: context.instance,
            polling: PollingLimits(
                messageBytes: configuration[Settings.frameBytes],
                bodyBytes: max(1 << 20, configuration[Settings.frameBytes]),
                outboundBytes: configuration[Settings.outboundBytes],
                sessions: configuration[Settings.pollingSessions]
            ),
            logger: context.logger
        )
    }

    private static func authorizer(
        _ configuration: ServiceConfiguration,
        _ logger: Logger
    ) -> BackendAuthorizer? {
        configuration[Settings.authorizationURL].map { url in
            BackendAuthorizer(
                BackendAuthorizer.Settings(url: url, lifetime: configuration[Settings.authorizationCache]),
                logger: logger
            )
        }
    }

    private static func rules(_ configuration: ServiceConfiguration) -> ConversationRules {
        ConversationRules(
            editWindow: configuration[Settings.editWindow],
            recoveryLimit: configuration[Settings.recoveryLimit]
        )
    }

    private static func channelLimits(_ configuration: ServiceConfiguration) -> ChannelLimits {
        ChannelLimits(
            messages: RateLimit(configuration[Settings.channelMessages], per: .seconds(60)),
            joins: RateLimit(configuration[Settings.channelJoins], per: .seconds(60)),
            typing: RateLimit(configuration[Settings.channelTyping], per: .seconds(60))
        )
    }

    private static func limits(_ configuration: ServiceConfiguration) -> ConnectionLimits {
        ConnectionLimits(
            messageBytes: configuration[Settings.frameBytes],
            outboundBytes: configuration[Settings.outboundBytes],
            idle: configuration[Settings.idleTimeout]
        )
    }

    private static func router(
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
