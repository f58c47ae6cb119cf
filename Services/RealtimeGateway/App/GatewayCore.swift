import BusBootstrap
import NIOCore
import RealtimeAuthorization
import RealtimeBus
import RealtimeDomain
import RealtimeHTTP
import RealtimePhoenix
import RealtimeSocketIO
import RealtimeStore
import ServiceBootstrap

/// What all protocols of a node stand on: the hub, the conversations, and what tells clients of things in the words of each.
struct GatewayCore {
    let bus: MessageBus
    let hub: Hub
    let conversations: Conversations
    let authorizer: BackendAuthorizer?
    let management: OutboxManagement
    let doorkeeper: Doorkeeper
    let feed: RealtimeFeed
    let inbox: NotificationInbox
    let streams: LiveStreams
    let threads: ForumThreads
    let presence: ForumPresence
    /// Clients of Socket.IO that may come back.
    let absent: AbsentClients

    init(
        _ configuration: ServiceConfiguration,
        _ context: ServiceContext,
        _ bus: MessageBus,
        _ group: any EventLoopGroup
    ) {
        self.bus = bus
        let node = context.instance
        hub = Hub(
            group: group,
            drainTime: configuration[SharedKeys.drainSeconds] * Self.drainShare,
            connectionsPerUser: configuration[Settings.connectionsPerUser],
            recovery: ServiceGraph.recoveryLog(configuration)
        )
        let announcements = NodeAnnouncements(outbox: bus.outbox, node: node)
        let store = SQLConversationStore(database: bus.database, tellNodes: announcements.add)
        authorizer = ServiceGraph.authorizer(configuration, context.logger)
        streams = LiveStreams(hub: hub)
        let sockets = SocketAudience(hub: hub, streams: streams)
        conversations = Conversations(
            store: store,
            audience: [ConversationBroadcasts(hub: hub), sockets],
            rules: ServiceGraph.rules(configuration),
            access: ConversationAccess(
                admitsUnknown: configuration[Settings.conversations] == .open,
                authorizer: authorizer
            ),
            clients: hub
        )
        threads = ForumThreads(hub: hub, conversations: conversations)
        presence = ForumPresence(hub: hub, node: node, nodes: NodeBroadcasts(publisher: bus.broker, node: node))
        let users: [any UserAudience] = [UserBroadcasts(hub: hub), sockets]
        feed = RealtimeFeed(
            broadcaster: [hub, SocketBroadcaster(hub: hub, threads: threads)],
            users: users,
            streams: sockets,
            statuses: presence,
            node: node
        )
        inbox = NotificationInbox(
            store: SQLNotificationStore(database: bus.database, tellNodes: announcements.add),
            audience: users,
            node: node
        )
        absent = AbsentClients(
            store: SQLAbsentClientStore(database: bus.database),
            conversations: conversations,
            node: node,
            window: configuration[Settings.recoveryWindow],
            logger: context.logger
        )
        let clients = ReachableClients(hub: hub, absent: absent)
        doorkeeper = Doorkeeper(conversations: conversations, clients: clients, node: node)
        management = OutboxManagement(
            database: bus.database,
            outbox: bus.outbox,
            store: store,
            conversations: SQLConversationStore.transaction,
            doorkeeper: doorkeeper,
            clients: clients,
            node: node
        )
    }

    /// Of the drain time, what closing the WebSockets may take; the rest is for their answers and for the bus.
    private static let drainShare = 0.6
}
