import BusBootstrap
import EngineIO
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
import RealtimeSocketIO
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
            connectionsPerUser: configuration[Settings.connectionsPerUser],
            recovery: recoveryLog(configuration)
        )
        let streams = LiveStreams(hub: hub)
        let sockets = SocketAudience(hub: hub, streams: streams)
        let announcements = NodeAnnouncements(outbox: bus.outbox, node: context.instance)
        let store = SQLConversationStore(database: bus.database, tellNodes: announcements.add)
        let authorizer = authorizer(configuration, context.logger)
        let conversations = Conversations(
            store: store,
            audience: [ConversationBroadcasts(hub: hub), sockets],
            rules: rules(configuration),
            access: ConversationAccess(
                admitsUnknown: configuration[Settings.conversations] == .open,
                authorizer: authorizer
            ),
            clients: hub
        )
        let threads = ForumThreads(hub: hub, conversations: conversations)
        let users: [any UserAudience] = [UserBroadcasts(hub: hub), sockets]
        let presence = ForumPresence(
            hub: hub,
            node: context.instance,
            nodes: NodeBroadcasts(publisher: bus.broker, node: context.instance)
        )
        let feed = RealtimeFeed(
            broadcaster: [hub, SocketBroadcaster(hub: hub, threads: threads)],
            users: users,
            streams: sockets,
            statuses: presence,
            node: context.instance
        )
        let absent = AbsentClients(
            store: SQLAbsentClientStore(database: bus.database),
            conversations: conversations,
            node: context.instance,
            window: configuration[Settings.recoveryWindow],
            logger: context.logger
        )
        let clients = ReachableClients(hub: hub, absent: absent)
        let doorkeeper = Doorkeeper(conversations: conversations, clients: clients, node: context.instance)
        let management = OutboxManagement(
            database: bus.database,
            outbox: bus.outbox,
            store: store,
            conversations: SQLConversationStore.transaction,
            doorkeeper: doorkeeper,
            clients: clients,
            node: context.instance
        )
        let phoenix = phoenix(hub, feed, conversations, tokens, configuration, context)
        let notifications = SQLNotificationStore(database: bus.database, tellNodes: announcements.add)
        let introspector = introspector(configuration, context.logger)
        let socketIO = socketIO(
            SocketServices(
                hub: hub,
                conversations: conversations,
                inbox: NotificationInbox(store: notifications, audience: users, node: context.instance),
                streams: streams,
                presence: presence,
                threads: threads,
                tokens: introspector.map { SignedOrOpaqueTokens(signed: tokens, opaque: $0) } ?? tokens,
                limits: socketLimits(configuration),
                proxies: configuration[Settings.trustedProxies]
            ),
            absent,
            hub,
            configuration,
            context
        )
        let router = router(configuration, context, bus, hub, management)
        phoenix.addRoutes(to: router)
        socketIO.addRoutes(to: router)
        let server = GatewayServer(
            host: configuration[Settings.host],
            port: configuration[Settings.port],
            settings: GatewayChannel.Settings(
                hub: hub,
                endpoints: [phoenix, socketIO],
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
            threads,
            absent,
        ] + (authorizer.map { [$0] } ?? []) + (introspector.map { [$0] } ?? []) + [server]
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

    private static func limits(_ configuration: ServiceConfiguration) -> ConnectionLimits {
        ConnectionLimits(
            messageBytes: configuration[Settings.frameBytes],
            outboundBytes: configuration[Settings.outboundBytes],
            idle: configuration[Settings.idleTimeout]
        )
    }
}
