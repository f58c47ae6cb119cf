package import NIOCore

/// What one event loop knows: its connections, and who of them subscribes to what.
///
/// Every member is touched on ``loop`` only, which is its guard across threads; deliveries need no lock.
package final class Shard: @unchecked Sendable {
    package let loop: any EventLoop
    package let metrics: GatewayMetrics
    private let directory: TopicDirectory
    private let connections: OpenConnections
    private let index: Int
    private var topics: [String: TopicSubscribers] = [:]
    private var pace = DeliveryPace()
    /// Whether frames are handed to the kernel as they are written, because no others are expected in this turn.
    private(set) var mayFlushAtOnce = false
    /// Connections with frames that have not been handed to the kernel.
    private var unflushed: [any ClientConnection] = []
    /// Topics whose events of this turn go out together.
    private var joining: [TopicSubscribers] = []
    var wheel: TimerWheel
    private var drain: PacedDrain
    /// Runs while anybody has a deadline.
    private var ticking: RepeatedTask?
    private(set) var connectionCount = 0
    /// The position of the last event that was delivered here and has one.
    package private(set) var lastPosition = EventPosition.zero

    init(
        loop: any EventLoop,
        index: Int,
        directory: TopicDirectory,
        connections: OpenConnections,
        metrics: GatewayMetrics,
        drainTime: TimeAmount,
        tick: TimeAmount
    ) {
        wheel = TimerWheel(tick: tick)
        self.loop = loop
        self.index = index
        self.directory = directory
        self.connections = connections
        self.metrics = metrics
        drain = PacedDrain(duration: drainTime)
    }

    // MARK: Subscriptions

    /// Subscribes a connection of this loop; it gets every event published from now on, in order.
    ///
    /// - Parameter isHeld: Whether events wait until ``Subscription/release(after:)``, so that something else can be sent
    ///   before them.
    package func subscribe(
        _ connection: any ClientConnection,
        to topic: String,
        encoding: any EventEncoding,
        isHeld: Bool = false
    ) -> Subscription {
        loop.preconditionInEventLoop()
        let subscription = Subscription(connection: connection, encoding: encoding, isHeld: isHeld)
        subscribers(of: topic).add(subscription)
        return subscription
    }

    private func subscribers(of topic: String) -> TopicSubscribers {
        if let known = topics[topic] { return known }
        let subscribers = TopicSubscribers(
            topic: directory.add(index, to: topic),
            counters: metrics.deliveries(of: topic)
        )
        topics[subscribers.topic] = subscribers
        return subscribers
    }

    package func unsubscribe(_ subscription: Subscription) {
        loop.preconditionInEventLoop()
        guard let subscribers = subscription.subscribers else { return }
        subscribers.remove(subscription)
        guard subscribers.isEmpty else { return }
        topics[subscribers.topic] = nil
        directory.remove(index, from: subscribers.topic)
    }

    /// Has another connection of this loop take a subscription over: it misses no event, and gets none twice.
    package func move(
        _ subscription: Subscription,
        to connection: any ClientConnection,
        encoding: any EventEncoding
    ) -> Subscription {
        loop.preconditionInEventLoop()
        let successor = Subscription(succeeding: subscription, connection: connection, encoding: encoding)
        guard let subscribers = subscription.subscribers else { return successor }
        subscribers.add(successor)
        subscribers.remove(subscription)
        return successor
    }

    func subscriptions(of topic: String) -> [Subscription] { topics[topic]?.subscriptions ?? [] }

    /// Sends `event` to this loop's subscribers.
    func deliver(_ event: TopicEvent) {
        if let position = event.position { lastPosition = position }
        guard let subscribers = topics[event.topic] else { return }
        mayFlushAtOnce = pace.begin()
        if subscribers.deliver(event, mayJoin: !mayFlushAtOnce) { endTurnLater(of: subscribers) }
        mayFlushAtOnce = false
        if pace.isFirst { loop.execute { [self] in pace.end() } }
    }

    /// How many subscribers each topic has here.
    var topicSizes: [String: Int] { topics.mapValues(\.count) }

    // MARK: Connections

    func opened(_ connection: any ClientConnection, until deadline: NIODeadline) {
        connectionCount += 1
        connections.opened()
        metrics.connectionOpened()
        watch(connection, until: deadline)
    }

    /// Asks `member` at `deadline` what is due.
    func watch(_ member: any TimerWheelMember, until deadline: NIODeadline) {
        if ticking == nil { startTicking() }
        wheel.insert(member, at: deadline)
    }

    func closed(_ connection: any ClientConnection) {
        connectionCount -= 1
        connections.closed()
        metrics.connectionClosed()
        wheel.remove(connection)
    }

    private func startTicking() {
        _ = wheel.advance(to: .now())
        ticking = loop.scheduleRepeatedTask(initialDelay: wheel.tick, delay: wheel.tick) { [self] task in
            tick(.now())
            guard wheel.isEmpty else { return }
            task.cancel()
            ticking = nil
        }
    }

    /// Closes what is overdue.
    func tick(_ now: NIODeadline) {
        for member in wheel.advance(to: now) {
            guard let next = member.deadlinePassed(now) else { continue }
            wheel.insert(member, at: next)
        }
    }

    // MARK: Flushing

    /// Flushes `connection` at the end of this turn of the loop.
    ///
    /// A task that is submitted now runs after everything else this turn has brought, so frames that belong together leave
    /// in one system call.
    func flushLater(_ connection: any ClientConnection) {
        scheduleFlush()
        unflushed.append(connection)
    }

    private func endTurnLater(of subscribers: TopicSubscribers) {
        scheduleFlush()
        joining.append(subscribers)
    }

    private func scheduleFlush() {
        if unflushed.isEmpty, joining.isEmpty { loop.execute { [self] in flush() } }
    }

    private func flush() {
        let connections = unflushed
        let topics = joining
        // A flush may bring frames, which need one of their own.
        unflushed.removeAll(keepingCapacity: true)
        joining.removeAll(keepingCapacity: true)
        for connection in connections { connection.flush() }
        for subscribers in topics { subscribers.endTurn() }
    }

    // MARK: Draining

    /// Lets all clients go.
    func drainAll() {
        for connection in wheel.connections { drain(connection) }
    }

    /// Closes `connection` soon with 1012, so that its client comes back to another node, but not all of them at once.
    private func drain(_ connection: any ClientConnection) {
        guard drain.append(connection, now: .now()) else { return }
        loop.scheduleRepeatedTask(initialDelay: .zero, delay: PacedDrain.interval) { [self] task in
            for connection in drain.next(.now()) { connection.close(.serviceRestart, "service restart") }
            if drain.isEmpty { task.cancel() }
        }
    }
}
