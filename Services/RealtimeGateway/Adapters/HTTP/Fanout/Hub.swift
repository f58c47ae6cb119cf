package import NIOCore
import RealtimeDomain
import Synchronization

/// Delivers events to every connection of this node that subscribes to their topic.
///
/// Events published by one thread reach a connection in that order. An event costs one message per event loop with
/// subscribers, one encoding per wire protocol, and one write per subscriber.
package final class Hub: Sendable {
    package let metrics: GatewayMetrics
    /// What clients may come back for.
    package let recovery: RecoveryLog
    /// Whose the connections are.
    package let users: UserConnections
    let shards: [Shard]
    private let directory = TopicDirectory()
    private let connections = OpenConnections()
    private let turn = Atomic<Int>(0)
    private let drains = Atomic<Bool>(false)

    /// Serves the loops of `group`.
    ///
    /// - `drainTime`: how long a drain spreads its closes, 5 s.
    /// - `connectionsPerUser`: how many one user may have here at once, 0 for any number.
    /// - `recovery`: what clients may come back for.
    /// - `tick`: how exact the deadlines of connections are, 1 s.
    package init(
        group: any EventLoopGroup,
        drainTime: Duration = .seconds(5),
        connectionsPerUser: Int = 0,
        tick: Duration = .seconds(1),
        recovery: RecoveryLog = RecoveryLog(),
        metrics: GatewayMetrics = GatewayMetrics()
    ) {
        let (directory, connections) = (directory, connections)
        self.metrics = metrics
        self.recovery = recovery
        users = UserConnections(limit: connectionsPerUser)
        shards = group.makeIterator().enumerated().map { index, loop in
            Shard(
                loop: loop,
                index: index,
                directory: directory,
                connections: connections,
                metrics: metrics,
                drainTime: TimeAmount(drainTime),
                tick: TimeAmount(tick)
            )
        }
        precondition(shards.count <= TopicDirectory.maximumLoops, "more than 64 event loops")
    }

    /// How many connections there are.
    package var connectionCount: Int { connections.count }

    /// Returns when the last connection has gone, or the task is cancelled.
    package func untilEmpty() async { await connections.untilNone() }

    /// A shard for a client that has come on no event loop of its own; each in turn.
    package func nextShard() -> Shard {
        let turn = turn.add(1, ordering: .relaxed).newValue
        return shards[Int(UInt(bitPattern: turn) % UInt(shards.count))]
    }

    /// Whether clients are being let go, and none may come.
    package var isDraining: Bool { drains.load(ordering: .acquiring) }

    /// Lets go of all clients, at a paced rate, with a code from which they come back.
    func drain() {
        drains.store(true, ordering: .releasing)
        for shard in shards { shard.loop.execute { shard.drainAll() } }
    }

    /// Whether an event of `topic` would reach anybody, now or when they come back; if not, it need not be made.
    package func isHeard(_ topic: String) -> Bool { hasSubscribers(topic) || recovery.isWatched(topic) }

    /// Delivers `event`; callable from any thread.
    package func publish(_ event: TopicEvent) {
        metrics.eventPublished()
        guard !recovery.isActive else { return recovery.publish(event, handOut) }
        let loops = directory.loops(of: event.topic)
        guard loops != 0 else { return }
        var local: Shard?
        for (index, shard) in shards.enumerated() where loops & (1 << UInt64(index)) != 0 {
            if shard.loop.inEventLoop {
                local = shard
            } else {
                shard.loop.execute { shard.deliver(event) }
            }
        }
        // The other loops are under way while this one delivers.
        local?.deliver(event)
    }

    /// Gives an event to all loops alike, this one included, since all have to deliver in the same order.
    private func handOut(_ event: TopicEvent) {
        let loops = directory.loops(of: event.topic)
        for (index, shard) in shards.enumerated() where loops & (1 << UInt64(index)) != 0 {
            shard.loop.execute { shard.deliver(event) }
        }
    }

    /// What a connection is told that is closed because its user is to go.
    static let disconnected = "disconnected"

    /// Closes all connections of a user on this node, with a code after which phoenix.js comes back with a token anew.
    ///
    /// - Returns: How many there were.
    @discardableResult
    package func disconnect(_ userID: String) -> Int {
        let connections = users.revoke(userID)
        for connection in connections {
            connection.shard.loop.execute { connection.close(.policyViolation, Self.disconnected) }
        }
        return connections.count
    }

    /// One of the loops, always the same for a topic.
    package func loop(of topic: String) -> any EventLoop {
        shards[Int(UInt(bitPattern: topic.hashValue) % UInt(shards.count))].loop
    }

    /// Whether anybody here would hear of an event of `topic`.
    package func hasSubscribers(_ topic: String) -> Bool { directory.loops(of: topic) != 0 }

    /// How many topics have subscribers here.
    package var topicCount: Int { directory.topicCount }
}

extension Hub: EventBroadcaster {
    package func broadcast(topic: String, event: String, payload: [UInt8], isFleeting: Bool) {
        publish(
            TopicEvent(
                topic: topic,
                name: event,
                content: .json(ByteBuffer(bytes: payload)),
                policy: isFleeting ? .mayDrop : .mustArrive
            )
        )
    }
}
