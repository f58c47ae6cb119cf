import NIOCore

/// What a hub had in hand at one moment.
struct HubSnapshot: Sendable, Hashable {
    struct Topic: Sendable, Hashable {
        let name: String
        var subscribers: Int
    }

    /// Topics that one snapshot names at most: those with the most subscribers.
    static let topicLimit = 100

    var connections = 0
    /// Connections for which frames wait, because their clients read slowly.
    var slowConnections = 0
    /// Bytes that wait for them.
    var waitingBytes = 0
    var topicCount = 0
    var topics: [Topic] = []

    /// Joins what two event loops have; a topic may have subscribers on both.
    static func + (left: HubSnapshot, right: HubSnapshot) -> HubSnapshot {
        var subscribers = Dictionary(uniqueKeysWithValues: left.topics.map { ($0.name, $0.subscribers) })
        for topic in right.topics { subscribers[topic.name, default: 0] += topic.subscribers }
        return HubSnapshot(
            connections: left.connections + right.connections,
            slowConnections: left.slowConnections + right.slowConnections,
            waitingBytes: left.waitingBytes + right.waitingBytes,
            topics: Self.largest(subscribers.map { Topic(name: $0, subscribers: $1) })
        )
    }

    static func largest(_ topics: [Topic]) -> [Topic] {
        Array(topics.sorted { ($1.subscribers, $0.name) < ($0.subscribers, $1.name) }.prefix(topicLimit))
    }
}

extension Hub {
    /// Asks every event loop what it has.
    func snapshot() async -> HubSnapshot {
        var whole = await onEachLoop(\.snapshot).reduce(HubSnapshot(), +)
        whole.topicCount = topicCount
        return whole
    }
}

extension Shard {
    /// To be asked on the shard's loop.
    fileprivate var snapshot: HubSnapshot {
        var snapshot = HubSnapshot()
        for connection in wheel.connections {
            snapshot.connections += 1
            guard connection.waitingBytes > 0 else { continue }
            snapshot.slowConnections += 1
            snapshot.waitingBytes += connection.waitingBytes
        }
        snapshot.topics = HubSnapshot.largest(topicSizes.map { HubSnapshot.Topic(name: $0, subscribers: $1) })
        return snapshot
    }
}
