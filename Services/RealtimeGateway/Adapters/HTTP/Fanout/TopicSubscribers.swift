import NIOCore

/// The subscribers of one topic on one event loop, grouped by wire protocol so that a frame is looked up once per group.
final class TopicSubscribers {
    struct Group {
        let encoding: any EventEncoding
        var members: [Subscription] = []
        /// What they are sent in this turn of the loop, if there are several.
        var run: FrameRun?
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
    ///
    /// - Parameter mayJoin: Whether its frames may go out together with others of this turn.
    /// - Returns: Whether it is the first of those, so that ``endTurn()`` is to be called.
    func deliver(_ event: TopicEvent, mayJoin: Bool) -> Bool {
        let wasJoining = isJoining
        for index in groups.indices where !groups[index].members.isEmpty {
            let count = groups[index].members.count
            guard let frame = event.frame(groups[index].encoding, onEncoding: counters.encoded) else {
                counters.due(count)
                counters.dropped(count, .unsupported)
                continue
            }
            let run = mayJoin && count >= FrameRun.leastSubscribers ? run(of: index, with: frame) : nil
            deliver(event, frame, in: run, groups[index].members)
        }
        return !wasJoining && isJoining
    }

    private var isJoining: Bool { groups.contains { $0.run != nil } }

    /// The run that ends with `frame`; `nil` if there is no room in it.
    private func run(of group: Int, with frame: ByteBuffer) -> FrameRun? {
        let run = groups[group].run ?? FrameRun()
        groups[group].run = run
        return run.append(frame) ? run : nil
    }

    /// What was sent together has left.
    func endTurn() {
        for index in groups.indices { groups[index].run = nil }
    }

    private func deliver(_ event: TopicEvent, _ frame: ByteBuffer, in run: FrameRun?, _ members: [Subscription]) {
        let isForAll = event.exception == nil
        var (written, own, recovered) = (0, 0, 0)
        for subscription in members {
            switch isForAll && !subscription.isCatchingUp ? .deliver : subscription.verdict(event) {
            case .deliver:
                if subscription.connection.deliver(frame, in: run, event.policy, counters) { written += 1 }
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
