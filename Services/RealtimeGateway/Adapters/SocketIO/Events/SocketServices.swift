package import EventSchema
package import RealtimeDomain
package import RealtimeHTTP

/// What the events of all Socket.IO clients of a node stand on.
package final class SocketServices: Sendable {
    let hub: Hub
    let conversations: Conversations
    let inbox: NotificationInbox
    let streams: LiveStreams
    let presence: ForumPresence
    let threads: ForumThreads
    let limits: SocketEventLimits
    let proxies: TrustedProxies
    let gate: SocketGate
    let now: @Sendable () -> Timestamp

    package init(
        hub: Hub,
        conversations: Conversations,
        inbox: NotificationInbox,
        streams: LiveStreams,
        presence: ForumPresence,
        threads: ForumThreads,
        tokens: any TokenVerifier,
        limits: SocketEventLimits = SocketEventLimits(),
        proxies: TrustedProxies = .none,
        now: @escaping @Sendable () -> Timestamp = { .now }
    ) {
        self.hub = hub
        self.conversations = conversations
        self.inbox = inbox
        self.streams = streams
        self.presence = presence
        self.threads = threads
        self.limits = limits
        self.proxies = proxies
        self.now = now
        gate = SocketGate(tokens: tokens, hub: hub, limits: limits)
    }

    // MARK: What an id of contract 4 names

    /// The room or stream, if it is known without asking the store.
    func knownKey(of streamID: String) -> ConversationKey? {
        conversations.knownTalk(streamID, isAttended: isAttended)
    }

    func key(of streamID: String) async throws(Refusal) -> ConversationKey {
        try await conversations.talk(streamID, isAttended: isAttended)
    }

    /// Whether clients of other protocols are there; those of this one are wherever the id leads.
    @Sendable private func isAttended(_ key: ConversationKey) -> Bool { hub.hasSubscribers(Topic(of: key).name) }
}
