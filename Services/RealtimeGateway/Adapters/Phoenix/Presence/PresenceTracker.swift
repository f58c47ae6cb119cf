import NIOCore
import RealtimeDomain
package import RealtimeHTTP
import Synchronization

/// Keeps who is present on which topic of this node, and tells the topic.
///
/// Changes gather for a moment, so that a thousand who come at once are a few diffs and not a million. Who has joined gets
/// the state right after the diff that names it, in one encoding for all of them.
package final class PresenceTracker: Sendable {
    private struct Topic {
        var room = PresenceRoom()
        /// Who has come since the last diff and is owed the state.
        var arrivals: [(shard: Shard, member: ChannelMembership)] = []
        var isScheduled = false
    }

    /// Users who have come to a topic, each with what their first device shows, and users who have gone with their last.
    package typealias Change = (topic: String, arrived: [String: [UInt8]], gone: [String])

    private let hub: Hub
    private let window: TimeAmount
    private let onChange: @Sendable (Change) -> Void
    private let topics = Mutex<[String: Topic]>([:])

    /// - Parameters:
    ///   - window: How long changes gather.
    ///   - onChange: Called after a topic has been told of users who came or went.
    package init(
        hub: Hub,
        window: Duration = .milliseconds(50),
        onChange: @escaping @Sendable (Change) -> Void = { _ in }
    ) {
        self.hub = hub
        self.onChange = onChange
        self.window = TimeAmount(window)
    }

    /// Topics on which somebody is present, or was until a moment ago.
    var topicCount: Int { topics.withLock { $0.count } }

    func track(_ topic: String, _ key: String, _ meta: PresenceMeta, _ member: ChannelMembership, on shard: Shard) {
        change(topic, on: shard) {
            $0.room.join(key, meta)
            $0.arrivals.append((shard, member))
        }
    }

    /// Sends `member` the state once more.
    func tellState(_ topic: String, to member: ChannelMembership, on shard: Shard) {
        change(topic, on: shard) { $0.arrivals.append((shard, member)) }
    }

    func update(_ topic: String, _ key: String, _ previous: String, _ meta: PresenceMeta, on shard: Shard) {
        change(topic, on: shard) {
            $0.room.leave(key, previous)
            $0.room.join(key, meta)
        }
    }

    func untrack(_ topic: String, _ key: String, _ ref: String, on shard: Shard) {
        change(topic, on: shard) { $0.room.leave(key, ref) }
    }

    private func change(_ topic: String, on shard: Shard, _ body: (inout Topic) -> Void) {
        let mustSchedule = topics.withLock { topics in
            var state = topics.removeValue(forKey: topic) ?? Topic()
            body(&state)
            let mustSchedule = !state.isScheduled
            state.isScheduled = true
            topics[topic] = state
            return mustSchedule
        }
        guard mustSchedule else { return }
        // The same loop for all news of a topic, so that none overtakes another.
        hub.loop(of: topic).scheduleTask(in: window) { [self] in tell(topic) }
    }

    /// Sends what has gathered.
    private func tell(_ topic: String) {
        let news = topics.withLock { topics in take(topic, &topics) }
        guard let news else { return }
        if let diff = news.diff {
            let content = EventContent.json(ByteBuffer(bytes: diff))
            hub.publish(TopicEvent(topic: topic, name: "presence_diff", content: content, policy: .mayDrop))
            onChange(news.change)
        }
        guard !news.arrivals.isEmpty else { return }
        let state = EventContent.json(ByteBuffer(bytes: news.state))
        for (_, group) in Dictionary(grouping: news.arrivals, by: { ObjectIdentifier($0.shard) }) {
            let members = group.map(\.member)
            // Behind the diff, which went the same way.
            group.first?.shard.loop.execute {
                for member in members { member.push("presence_state", state) }
            }
        }
    }

    private struct News {
        var diff: [UInt8]?
        var change: Change
        var state: [UInt8]
        var arrivals: [(shard: Shard, member: ChannelMembership)]
    }

    private func take(_ topic: String, _ topics: inout [String: Topic]) -> News? {
        guard var state = topics.removeValue(forKey: topic) else { return nil }
        let (arrived, gone) = state.room.changedUsers
        let news = News(
            diff: state.room.takeDiff(),
            change: (topic, arrived, gone),
            state: state.arrivals.isEmpty ? [] : state.room.state,
            arrivals: state.arrivals
        )
        state.arrivals = []
        state.isScheduled = false
        if !state.room.isEmpty { topics[topic] = state }
        return news
    }
}
