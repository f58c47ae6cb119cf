package import EventSchema
package import RealtimeDomain
import RealtimeHTTP

/// The channels of contracts 1 and 5.
package struct GatewayChannels: Sendable {
    private let feed: RealtimeFeed
    private let conversations: Conversations
    private let limits: ChannelLimits
    private let now: @Sendable () -> Timestamp

    package init(
        feed: RealtimeFeed,
        conversations: Conversations,
        limits: ChannelLimits = ChannelLimits(),
        now: @escaping @Sendable () -> Timestamp = { .now }
    ) {
        self.feed = feed
        self.conversations = conversations
        self.limits = limits
        self.now = now
    }

    /// Serves the contracts' topics and no others.
    package var router: ChannelRouter {
        var router = ChannelRouter()
        router.on("*") { [self] name in Topic(name).map { channel(for: $0) } }
        return router
    }

    private func channel(for topic: Topic) -> any PhoenixChannel {
        switch topic {
        case .chatRoom(let id): RoomChannel(ConversationKey(.room, id), conversations, now: now)
        case .streamComments(let id): RoomChannel(ConversationKey(.stream, id), conversations, now: now)
        case .roomPresence(let id): RoomPresence(ConversationKey(.room, id), conversations)
        case .workspace(let id): WorkspaceFeed(ConversationKey(.workspace, id), conversations, limits)
        case .channel(let id): WorkspaceChannel(ConversationKey(.channel, id), conversations, limits, now: now)
        case .thread(let id): ThreadFeed(ConversationKey(.thread, id), conversations)
        case .user: GuardedChannel(topic: topic, behaviour: UserFeed())
        case .media(let id): GuardedChannel(topic: topic, behaviour: MediaFeed(id: id, feed: feed))
        }
    }
}
