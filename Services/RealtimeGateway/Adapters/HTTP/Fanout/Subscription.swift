import NIOCore

/// A connection's place among the subscribers of a topic, on its event loop.
package final class Subscription {
    /// What becomes of an event for one subscriber.
    enum Verdict {
        case deliver
        /// It waits until the client has been told what it has missed before.
        case held
        /// The client has it already.
        case recovered
        /// The client said it itself.
        case own
    }

    /// Events that wait at most; a client that is told so late is closed, to come back and be told anew.
    private static let maximumHeld = 1000

    let connection: any ClientConnection
    let encoding: any EventEncoding
    /// Where it stands among those of the same encoding.
    var index = 0
    /// The topic's subscribers on this loop; `nil` once it has been left.
    var subscribers: TopicSubscribers?
    /// Whether the client may not be on the topic any more; who is about to let it in has to look.
    package var isRevoked = false
    /// Whether events are to be looked at one by one: the client has not caught up yet.
    private(set) var isCatchingUp: Bool
    /// Events up to this seq have reached the client by another way, and are not sent again.
    private var floor: Int64 = 0
    /// Events up to this position have reached the client by another way, or were published before it came.
    private var positionFloor: EventPosition?
    /// Events that their publisher orders up to here have reached the client from where they are stored.
    private var orderFloor: UInt64?
    /// What waits until ``release(after:)``.
    private var held: [TopicEvent]?
    /// Whether events wait, so that something else can be sent before them.
    package var isHeld: Bool { held != nil }

    /// - Parameter isHeld: Whether events wait until ``release(after:)``.
    init(connection: any ClientConnection, encoding: any EventEncoding, isHeld: Bool) {
        self.connection = connection
        self.encoding = encoding
        isCatchingUp = isHeld
        held = isHeld ? [] : nil
    }

    /// Takes over what `other` waits for.
    init(succeeding other: Subscription, connection: any ClientConnection, encoding: any EventEncoding) {
        self.connection = connection
        self.encoding = encoding
        isRevoked = other.isRevoked
        isCatchingUp = other.isCatchingUp
        floor = other.floor
        positionFloor = other.positionFloor
        orderFloor = other.orderFloor
        held = other.held.map { _ in other.takeHeld() }
    }

    /// The topic, until it has been left.
    package var topic: String? { subscribers?.topic }

    /// Whether `event` is to be sent now; keeps it if it has to wait.
    func verdict(_ event: TopicEvent) -> Verdict {
        if event.exception == ObjectIdentifier(connection) { return .own }
        guard isCatchingUp else { return .deliver }
        guard !isKnown(event) else { return .recovered }
        guard held == nil else {
            hold(event)
            return .held
        }
        isCatchingUp = floor > 0 || positionFloor != nil || orderFloor != nil
        return .deliver
    }

    /// Whether the client has an event already; they come in ascending order, so with the first that it has not there is
    /// nothing more to look at.
    private func isKnown(_ event: TopicEvent) -> Bool {
        if let known = positionFloor, let position = event.position {
            if position <= known { return true }
            positionFloor = nil
        }
        if let known = orderFloor, let order = event.order {
            if order <= known { return true }
            orderFloor = nil
        }
        if floor > 0, let seq = event.seq {
            if seq <= floor { return true }
            floor = 0
        }
        return false
    }

    /// Sends no event up to `position`, which the client has, or was published before it came.
    package func skip(through position: EventPosition) {
        positionFloor = position
        isCatchingUp = true
    }

    /// Sends no event that its publisher orders up to `order`, which the client has.
    package func skip(throughOrder order: UInt64) {
        orderFloor = order
        isCatchingUp = true
    }

    private func hold(_ event: TopicEvent) {
        guard let count = held?.count, count < Self.maximumHeld else {
            subscribers?.counters.dropped(1, .closing)
            return connection.close(.tryAgainLater, "slow join")
        }
        held?.append(event)
    }

    /// Sends what has waited, but for events up to `seq`, which the client has; events that come later are sent at once.
    package func release(after seq: Int64?) {
        let events = takeHeld()
        floor = seq ?? 0
        isCatchingUp = floor > 0 || positionFloor != nil || orderFloor != nil
        guard let counters = subscribers?.counters else { return }
        for event in events { send(event, counters) }
    }

    private func send(_ event: TopicEvent, _ counters: DeliveryCounters) {
        guard verdict(event) == .deliver else { return counters.dropped(1, .recovered) }
        guard let frame = event.frame(encoding, onEncoding: counters.encoded) else {
            return counters.dropped(1, .unsupported)
        }
        if connection.deliver(frame, in: nil, event.policy, counters) {
            counters.delivered(1, bytes: frame.readableBytes)
        }
    }

    /// Takes what waits, because nobody will send it.
    func takeHeld() -> [TopicEvent] {
        defer { held = nil }
        return held ?? []
    }
}
