package import RealtimeDomain

/// How much one user may do in workspaces' channels, as contract 5 sets it.
package struct ChannelLimits: Sendable {
    /// Who does something where.
    struct Place: Hashable, Sendable {
        let userID: String
        let channel: String
    }

    /// How long somebody types without saying so again.
    let typingTimeout: Duration
    /// Users whose coming and going within one window is told one by one; of a crowd only the presence diff tells.
    let arrivalsPerWindow: Int
    private let messages: RateLimiter<Place>
    private let typing: RateLimiter<Place>
    private let joins: RateLimiter<String>
    private let now: @Sendable () -> ContinuousClock.Instant

    package init(
        messages: RateLimit = RateLimit(60, per: .seconds(60)),
        joins: RateLimit = RateLimit(30, per: .seconds(60)),
        typing: RateLimit = RateLimit(10, per: .seconds(60)),
        typingTimeout: Duration = .seconds(6),
        arrivalsPerWindow: Int = 10,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        self.messages = RateLimiter(messages)
        self.joins = RateLimiter(joins)
        self.typing = RateLimiter(typing)
        self.typingTimeout = typingTimeout
        self.arrivalsPerWindow = arrivalsPerWindow
        self.now = now
    }

    func checkJoin(_ identity: Identity) throws(Refusal) { try Self.check(joins.take(identity.userID, now: now())) }

    func checkMessage(_ identity: Identity, in channel: ConversationKey) throws(Refusal) {
        try Self.check(messages.take(Place(userID: identity.userID, channel: channel.id), now: now()))
    }

    func checkTyping(_ identity: Identity, in channel: ConversationKey) throws(Refusal) {
        try Self.check(typing.take(Place(userID: identity.userID, channel: channel.id), now: now()))
    }

    private static func check(_ wait: Duration?) throws(Refusal) {
        if let wait { throw .rateLimited(wait) }
    }
}
