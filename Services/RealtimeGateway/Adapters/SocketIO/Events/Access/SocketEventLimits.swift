package import RealtimeDomain

/// The limits of contracts 3 and 4.
package struct SocketEventLimits: Sendable {
    /// Contract 3: connections of one user, of one address, and new ones of an address.
    package var connectionsPerUser: Int
    package var connectionsPerAddress: Int
    package var arrivals: RateLimit
    /// Contract 3, per connection: events, notifications that are marked as read, typing.
    package var events: RateLimit
    package var notifications: RateLimit
    package var typing: RateLimit
    /// Contract 4, per connection; each has all limits of its kind to keep to.
    package var chat: [RateLimit]
    /// Joining, leaving, subscribing: contract 4 has no limit for them, and none may go without.
    package var comings: RateLimit
    package var reactions: [RateLimit]
    package var moderation: [RateLimit]
    /// Tokens that do not hold, of one address: who shows more is not listened to for a while.
    package var failures: RateLimit
    /// How long a client may be connected without saying who it is.
    package var authentication: Duration
    /// Streams that one client takes part in at once.
    package var streamsPerConnection = 50

    package init(
        connectionsPerUser: Int = 5,
        connectionsPerAddress: Int = 10,
        arrivals: RateLimit = RateLimit(5, per: .seconds(60)),
        events: RateLimit = RateLimit(60, per: .seconds(60)),
        notifications: RateLimit = RateLimit(30, per: .seconds(60)),
        typing: RateLimit = RateLimit(120, per: .seconds(60)),
        chat: [RateLimit] = [RateLimit(5, per: .seconds(1)), RateLimit(100, per: .seconds(60))],
        comings: RateLimit = RateLimit(120, per: .seconds(60)),
        reactions: [RateLimit] = [RateLimit(10, per: .seconds(1)), RateLimit(300, per: .seconds(60))],
        moderation: [RateLimit] = [RateLimit(20, per: .seconds(60))],
        failures: RateLimit = RateLimit(60, per: .seconds(60)),
        authentication: Duration = .seconds(45)
    ) {
        self.connectionsPerUser = connectionsPerUser
        self.connectionsPerAddress = connectionsPerAddress
        self.arrivals = arrivals
        self.events = events
        self.notifications = notifications
        self.typing = typing
        self.chat = chat
        self.comings = comings
        self.reactions = reactions
        self.moderation = moderation
        self.failures = failures
        self.authentication = authentication
    }
}

/// How much of something one connection has done lately.
struct RateMeter {
    private var buckets: [TokenBucket] = []

    /// Takes one of each of `limits`, which are always the same; throws how long to wait if there is none of one.
    mutating func take(_ limits: [RateLimit], now: ContinuousClock.Instant = .now) throws(Refusal) {
        if buckets.isEmpty { buckets = limits.filter { $0.count > 0 }.map { TokenBucket($0, now: now) } }
        let waits = buckets.indices.compactMap { buckets[$0].wait(at: now) }
        if let wait = waits.max() { throw .rateLimited(wait) }
        for index in buckets.indices { buckets[index].take() }
    }
}
