/// A connection's place among the subscribers of a topic, on its event loop.
package final class Subscription {
    let connection: WebSocketConnection
    let encoding: any EventEncoding
    /// Where it stands among those of the same encoding.
    fileprivate(set) var index = 0
    /// The topic's subscribers on this loop; `nil` once it has been left.
    fileprivate(set) var subscribers: TopicSubscribers?

    init(connection: WebSocketConnection, encoding: any EventEncoding) {
        self.connection = connection
        self.encoding = encoding
    }
}

/// The subscribers of one topic on one event loop, grouped by wire protocol so that a frame is looked up once per group.
final class TopicSubscribers {
    struct Group {
        let encoding: any EventEncoding
        var members: [Subscription] = []
    }

    let topic: String
    private(set) var groups: [Group] = []

    init(topic: String) {
        self.topic = topic
    }

    var isEmpty: Bool { groups.allSatisfy(\.members.isEmpty) }
    var count: Int { groups.reduce(0) { $0 + $1.members.count } }

    func add(_ subscription: Subscription) {
        let group = index(of: subscription.encoding)
        subscription.index = groups[group].members.count
        subscription.subscribers = self
        groups[group].members.append(subscription)
    }

    /// Takes a subscription out; the last one moves to its place.
    func remove(_ subscription: Subscription) {
        guard subscription.subscribers === self else { return }
        subscription.subscribers = nil
        let group = index(of: subscription.encoding)
        guard let last = groups[group].members.popLast(), last !== subscription else { return }
        groups[group].members[subscription.index] = last
        last.index = subscription.index
    }

    private func index(of encoding: any EventEncoding) -> Int {
        if let known = groups.firstIndex(where: { $0.encoding === encoding }) { return known }
        groups.append(Group(encoding: encoding))
        return groups.count - 1
    }
}
