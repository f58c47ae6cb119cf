import EventSchema

extension Topology {
    /// The queues whose messages are work: each has retries and a parking.
    package static let workQueues = [
        Queue.mediaProcess, Queue.notifyDispatch, Queue.notifyPush, Queue.notifyEmail, Queue.notifySMS,
        Queue.notifyWebhook, Queue.notifyInApp, Queue.realtimeEvents,
    ]

    /// Where messages of `queue` wait for an operator.
    package static func parking(of queue: String) -> String { "\(queue).parking" }
}

extension Topology.Declaration {
    /// The topology of the suite.
    package static let suite = Topology.Declaration(
        exchanges: suiteExchanges,
        queues: suiteQueues,
        bindings: routes + parkingBindings + tierBindings,
        policies: Topology.workQueues.map(workPolicy) + RetryTier.all.map(tierPolicy) + [parkingPolicy, unroutedPolicy]
    )

    private static let suiteExchanges: [Topology.ExchangeDeclaration] =
        [
            .init(Topology.Exchange.unrouted, .fanout),
            .init(Topology.Exchange.events, .topic, alternate: Topology.Exchange.unrouted),
            .init(Topology.Exchange.notify, .topic, alternate: Topology.Exchange.unrouted),
            .init(Topology.Exchange.parking, .direct),
            // No alternate: with no node running there is nobody to tell.
            .init(Topology.Exchange.realtimeNodes, .fanout),
        ] + RetryTier.all.map { .init($0.exchange, .fanout) }

    private static let suiteQueues: [Topology.QueueDeclaration] =
        Topology.workQueues.flatMap { [.init($0), .init(Topology.parking(of: $0))] }
        + RetryTier.all.map { .init($0.exchange) }
        + [.init(Topology.Queue.unrouted)]

    private static let routes: [Topology.BindingDeclaration] = [
        .init(Topology.Exchange.events, "media.uploaded", to: Topology.Queue.mediaProcess),
        .init(Topology.Exchange.events, "media.cancel", to: Topology.Queue.mediaProcess),
        // `#` also matches nothing, so the bare key arrives, too.
        .init(Topology.Exchange.events, "notification.requested.#", to: Topology.Queue.notifyDispatch),
        .init(Topology.Exchange.events, "media.ready", to: Topology.Queue.realtimeEvents),
        .init(Topology.Exchange.events, "media.failed", to: Topology.Queue.realtimeEvents),
        .init(Topology.Exchange.events, "notification.in_app", to: Topology.Queue.realtimeEvents),
        .init(Topology.Exchange.events, "realtime.broadcast", to: Topology.Queue.realtimeEvents),
        .init(Topology.Exchange.events, "conversation.updated", to: Topology.Queue.realtimeEvents),
        .init(Topology.Exchange.events, "member.updated", to: Topology.Queue.realtimeEvents),
        .init(Topology.Exchange.events, "stream.live", to: Topology.Queue.realtimeEvents),
        .init(Topology.Exchange.events, "stream.offline", to: Topology.Queue.realtimeEvents),
        .init(Topology.Exchange.events, "stream.error", to: Topology.Queue.realtimeEvents),
        .init(Topology.Exchange.notify, "push.#", to: Topology.Queue.notifyPush),
        .init(Topology.Exchange.notify, "email.#", to: Topology.Queue.notifyEmail),
        .init(Topology.Exchange.notify, "sms.#", to: Topology.Queue.notifySMS),
        .init(Topology.Exchange.notify, "webhook.#", to: Topology.Queue.notifyWebhook),
        .init(Topology.Exchange.notify, "inapp.#", to: Topology.Queue.notifyInApp),
        .init(Topology.Exchange.unrouted, "", to: Topology.Queue.unrouted),
    ]

    private static let parkingBindings: [Topology.BindingDeclaration] = Topology.workQueues.map {
        .init(Topology.Exchange.parking, $0, to: Topology.parking(of: $0))
    }

    private static let tierBindings: [Topology.BindingDeclaration] = RetryTier.all.map {
        .init($0.exchange, "", to: $0.exchange)
    }
}

// MARK: - Policies

extension Topology.Declaration {
    /// Poison that crashes its handler is parked after 20 deliveries; a full queue refuses, it never drops.
    private static func workPolicy(of queue: String) -> Topology.PolicyDeclaration {
        .init(
            "work.\(queue)",
            pattern: pattern(matching: queue),
            priority: 10,
            [
                "delivery-limit": 20,
                "dead-letter-exchange": .string(Topology.Exchange.parking),
                "dead-letter-routing-key": .string(queue),
                "dead-letter-strategy": "at-least-once",
                "overflow": "reject-publish",
                "max-length": 2_000_000,
            ]
        )
    }

    /// The default exchange with the routing key kept: an expired message walks back to the queue it names.
    private static func tierPolicy(of tier: RetryTier) -> Topology.PolicyDeclaration {
        .init(
            tier.exchange,
            pattern: pattern(matching: tier.exchange),
            priority: 10,
            [
                "message-ttl": .integer(tier.delay.components.seconds * 1000),
                "dead-letter-exchange": "",
                "dead-letter-strategy": "at-least-once",
                "overflow": "reject-publish",
            ]
        )
    }

    /// Reading what waits there counts as a delivery, and from RabbitMQ 4.0 on 20 of those would drop it; 3.10 knows no
    /// value for "without limit".
    private static let deliveriesWithoutEnd = JSONValue.integer(1_000_000)

    private static let parkingPolicy = Topology.PolicyDeclaration(
        "parking",
        pattern: #"\.parking$"#,
        priority: 5,
        ["max-length": 1_000_000, "overflow": "reject-publish", "delivery-limit": deliveriesWithoutEnd]
    )

    /// A week of strays, the oldest dropped beyond 100,000.
    private static let unroutedPolicy = Topology.PolicyDeclaration(
        "unrouted",
        pattern: pattern(matching: Topology.Queue.unrouted),
        priority: 5,
        ["message-ttl": 604_800_000, "max-length": 100_000, "delivery-limit": deliveriesWithoutEnd]
    )

    private static func pattern(matching queue: String) -> String {
        "^\(queue.replacing(".", with: #"\."#))$"
    }
}
