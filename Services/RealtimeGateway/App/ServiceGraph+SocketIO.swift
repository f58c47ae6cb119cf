import EngineIO
import EventSchema
import Foundation
import Logging
import RealtimeAuthorization
import RealtimeDomain
import RealtimeHTTP
import RealtimeSocketIO
import ServiceBootstrap
import SocketIO

/// What the clients of contracts 3 and 4 come to.
extension ServiceGraph {
    /// Socket.IO at `/socket.io/`.
    static func socketIO(
        _ core: GatewayCore,
        _ tokens: any TokenVerifier,
        _ configuration: ServiceConfiguration,
        _ context: ServiceContext
    ) -> EngineServer {
        let services = SocketServices(
            hub: core.hub,
            conversations: core.conversations,
            inbox: core.inbox,
            streams: core.streams,
            presence: core.presence,
            threads: core.threads,
            tokens: tokens,
            limits: socketLimits(configuration),
            proxies: configuration[Settings.trustedProxies]
        )
        let server = SocketServer(
            namespaces: ["/": GatewayNamespace(services)],
            recovery: .event("offset"),
            vault: core.absent
        )
        return server.endpoint(
            hub: core.hub,
            options: EngineOptions(
                pingInterval: configuration[Settings.pingInterval],
                pingTimeout: configuration[Settings.pingTimeout],
                maxPayload: configuration[Settings.socketPayload],
                outboundBytes: configuration[Settings.outboundBytes],
                pollingSessions: configuration[Settings.pollingSessions]
            ),
            origins: AllowedOrigins(configuration[Settings.allowedOrigins]),
            node: context.instance
        )
    }

    /// Who is asked whose an opaque token is.
    static func introspector(_ configuration: ServiceConfiguration, _ logger: Logger) -> TokenIntrospector? {
        configuration[Settings.introspectionURL].map { url in
            TokenIntrospector(
                TokenIntrospector.Settings(
                    url: url,
                    apiKey: configuration[Settings.apiKey],
                    lifetime: configuration[Settings.introspectionCache]
                ),
                logger: logger
            )
        }
    }

    /// What clients may come back for; its order goes on where that of messages is by now.
    static func recoveryLog(_ configuration: ServiceConfiguration) -> RecoveryLog {
        RecoveryLog(
            window: configuration[Settings.recoveryWindow],
            bytes: configuration[Settings.recoveryBytes],
            after: UUID.timeOrdered(at: .now).timeOrder
        )
    }

    static func socketLimits(_ configuration: ServiceConfiguration) -> SocketEventLimits {
        func perMinute(_ count: Int) -> RateLimit { RateLimit(count, per: .seconds(60)) }
        func perSecond(_ count: Int) -> RateLimit { RateLimit(count, per: .seconds(1)) }
        return SocketEventLimits(
            connectionsPerUser: configuration[Settings.socketConnectionsPerUser],
            connectionsPerAddress: configuration[Settings.socketConnectionsPerAddress],
            arrivals: perMinute(configuration[Settings.socketConnectsPerMinute]),
            events: perMinute(configuration[Settings.socketEvents]),
            notifications: perMinute(configuration[Settings.socketNotifications]),
            typing: perMinute(configuration[Settings.socketTyping]),
            chat: [
                perSecond(configuration[Settings.chatMessagesPerSecond]),
                perMinute(configuration[Settings.chatMessagesPerMinute]),
            ],
            comings: perMinute(configuration[Settings.streamJoins]),
            reactions: [
                perSecond(configuration[Settings.reactionsPerSecond]),
                perMinute(configuration[Settings.reactionsPerMinute]),
            ],
            moderation: [perMinute(configuration[Settings.moderationPerMinute])],
            failures: perMinute(configuration[Settings.authenticationFailures]),
            authentication: configuration[Settings.authenticationTimeout]
        )
    }
}
