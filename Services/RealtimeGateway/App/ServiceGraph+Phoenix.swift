import RealtimeDomain
import RealtimeHTTP
import RealtimePhoenix
import ServiceBootstrap

/// What the clients of contracts 1 and 5 come to.
extension ServiceGraph {
    static func phoenix(
        _ core: GatewayCore,
        _ tokens: JWTTokenVerifier,
        _ configuration: ServiceConfiguration,
        _ context: ServiceContext
    ) -> PhoenixEndpoint {
        let limits = channelLimits(configuration)
        return PhoenixEndpoint(
            application: PhoenixApplication(
                hub: core.hub,
                router: GatewayChannels(feed: core.feed, conversations: core.conversations, limits: limits).router,
                presence: PresenceTracker(
                    hub: core.hub,
                    window: configuration[Settings.presenceWindow],
                    onChange: ChannelArrivals(hub: core.hub, limits: limits).tell
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

    private static func channelLimits(_ configuration: ServiceConfiguration) -> ChannelLimits {
        ChannelLimits(
            messages: RateLimit(configuration[Settings.channelMessages], per: .seconds(60)),
            joins: RateLimit(configuration[Settings.channelJoins], per: .seconds(60)),
            typing: RateLimit(configuration[Settings.channelTyping], per: .seconds(60))
        )
    }
}
