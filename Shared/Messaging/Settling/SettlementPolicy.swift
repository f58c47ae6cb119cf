package import EventSchema

/// What a broker does to settle a delivery.
package enum SettlementStep: Sendable, Hashable {
    case acknowledge
    /// Put back into its queue as it was.
    case requeue
    /// Publish the copy, confirmed, and acknowledge the original only then: both orders may double it, this one never
    /// loses it.
    case move(Message, to: Destination)
    /// Acknowledge although it failed: its queue has neither retries nor parking.
    case drop(reason: String)
}

/// Decides what becomes of deliveries: which tier a retry waits in and when retrying ends.
package struct SettlementPolicy: Sendable, Hashable {
    /// The attempt after whose failure a message is parked.
    ///
    /// 8 attempts with ``RetryTier/delay(afterAttempt:)`` between them span about 39 hours.
    package var maximumAttempts: Int
    package var tiers: [RetryTier]

    package init(maximumAttempts: Int = 8, tiers: [RetryTier] = RetryTier.all) {
        precondition(!tiers.isEmpty, "a settlement policy needs a retry tier")
        self.maximumAttempts = maximumAttempts
        self.tiers = tiers
    }

    /// The step for a delivery of a work queue, or of a queue that is exclusive and has no second chance.
    package func step(
        for settlement: Settlement,
        of delivery: Delivery,
        exclusive: Bool,
        now: @autoclosure () -> Timestamp
    ) -> SettlementStep {
        switch settlement {
        case .acknowledge: .acknowledge
        case .release: .requeue
        case .retry(_, let reason) where exclusive, .park(let reason) where exclusive: .drop(reason: reason)
        case .park(let reason): park(delivery, reason: reason, now: now())
        case .retry(let delay, let reason): retry(delivery, after: delay, reason: reason, now: now())
        }
    }

    private func retry(_ delivery: Delivery, after delay: Duration, reason: String, now: Timestamp) -> SettlementStep {
        guard delivery.attempt < maximumAttempts else {
            return park(delivery, reason: "gave up after \(delivery.attempt) attempts: \(reason)", now: now)
        }
        let (copy, tier) = copy(of: delivery, toTryAfter: delay, reason: reason, now: now)
        return .move(copy, to: tier)
    }

    /// The message to publish, and where, so that `delivery` is tried again: for handlers that note it in a transaction of
    /// their own and then acknowledge.
    package func copy(
        of delivery: Delivery,
        toTryAfter delay: Duration,
        reason: String,
        now: Timestamp
    ) -> (message: Message, destination: Destination) {
        var copy = self.copy(of: delivery)
        copy.headers[MessageHeader.attempt] = .integer(Int64(delivery.attempt) + 1)
        copy.headers[MessageHeader.lastError] = .string(reason.prefix(utf8Length: 512))
        if copy.headers[MessageHeader.firstFailure] == nil {
            copy.headers[MessageHeader.firstFailure] = .string(now.description)
        }
        let tier = RetryTier.covering(delay, of: tiers)
        return (copy, Destination(exchange: tier.exchange, routingKey: delivery.queue))
    }

    private func park(_ delivery: Delivery, reason: String, now: Timestamp) -> SettlementStep {
        var copy = copy(of: delivery)
        copy.headers[MessageHeader.parkedFrom] = .string(delivery.queue)
        copy.headers[MessageHeader.parkedReason] = .string(reason.prefix(utf8Length: 512))
        copy.headers[MessageHeader.parkedAt] = .string(now.description)
        return .move(copy, to: Destination(exchange: Topology.Exchange.parking, routingKey: delivery.queue))
    }

    private func copy(of delivery: Delivery) -> Message {
        var copy = delivery.message.withoutBrokerHeaders.fitting
        copy.headers.merge(delivery.publishedKeyHeaders) { _, new in new }
        return copy
    }
}

extension Message {
    /// The message without what RabbitMQ noted on it: a copy starts its own history, and a stale `x-death` would grow with
    /// each round and feed the broker's search for cycles.
    var withoutBrokerHeaders: Message {
        var message = self
        message.headers = headers.filter { name, _ in
            name != "x-death" && name != "x-delivery-count" && name != "x-acquired-count"
                && !name.hasPrefix("x-first-death-") && !name.hasPrefix("x-last-death-")
        }
        return message
    }
}
