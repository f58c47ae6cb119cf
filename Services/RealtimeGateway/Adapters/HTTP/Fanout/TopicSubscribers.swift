import NIOCore

/// The subscribers of one topic on one event loop, grouped by wire protocol so that a frame is looked up once per group.
final class TopicSubscribers {
    struct Group {
        let encoding: any EventEncoding
        var members: [Subscription] = []
    }

    let topic: String
    let counters: DeliveryCounters
    private(set) var groups: [Group] = []

    init(topic: String, counters: DeliveryCounters) {
        self.topic = topic
        self.counters = counters
    }

    var isEmpty: Bool { groups.allSatisfy(\.members.isEmpty) }
    var subscriptions: [Subscription] { groups.flatMap(\.members) }
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
        counters.dropped(subscription.takeHeld().count, .closing)
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

    // MARK: Delivering

    /// Sends `event` to everybody; every subscriber that it is due to is counted once, as what became of it.
    func deliver(_ event: TopicEvent) {
        for group in groups where !group.members.isEmpty {
            guard let frame = event.frame(group.encoding, onEncoding: counters.encoded) else {
                counters.due(group.members.count)
                counters.dropped(group.members.count, .unsupported)
                continue
            }
            deliver(event, frame, group.members)
        }
    }

    private func deliver(_ event: TopicEvent, _ frame: ByteBuffer, _ members: [Subscription]) {
        let isForAll = event.exception == nil
        var (written, own, recovered) = (0, 0, 0)
        for subscription in members {
            switch isForAll && !subscription.isCatchingUp ? .deliver : subscription.verdict(event) {
            case .deliver:
                if subscription.connection.deliver(frame, event.policy, counters) { written += 1 }
            case .held: break
            case .recovered: recovered += 1
            case .own: own += 1
            }
        }
        counters.due(members.count - own)
        counters.dropped(recovered, .recovered)
        counters.delivered(written, bytes: frame.readableBytes)
    }
}
