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
/// Clients' messages enter through Phoenix channels or Socket.IO events, and leave through the same hub: see ``GatewayCore``.
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
        let core = GatewayCore(configuration, context, bus, group)
        let introspector = introspector(configuration, context.logger)
        let phoenix = phoenix(core, tokens, configuration, context)
        let socketIO = socketIO(
            core,
            introspector.map { SignedOrOpaqueTokens(signed: tokens, opaque: $0) } ?? tokens,
            configuration,
            context
        )
        let router = router(core, configuration, context)
        phoenix.addRoutes(to: router)
        socketIO.addRoutes(to: router)
        let server = GatewayServer(
            host: configuration[Settings.host],
            port: configuration[Settings.port],
            settings: GatewayChannel.Settings(
                hub: core.hub,
                endpoints: [phoenix, socketIO],
                limits: limits(configuration)
            ),
            responder: router.buildResponder(),
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
                feed: core.feed,
                doorkeeper: core.doorkeeper,
                instance: context.instance,
                logger: context.logger
            ),
            ConversationWriter(core.conversations),
            core.threads,
            core.absent,
        ] + (core.authorizer.map { [$0] } ?? []) + (introspector.map { [$0] } ?? []) + [server]
    }

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

    static func authorizer(
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

    static func rules(_ configuration: ServiceConfiguration) -> ConversationRules {
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
