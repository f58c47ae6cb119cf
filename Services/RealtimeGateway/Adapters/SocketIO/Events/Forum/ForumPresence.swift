package import EventSchema
import NIOCore
import RealtimeDomain
package import RealtimeHTTP
import Synchronization

/// Tells the forum who comes online with their first device and goes offline with their last.
///
/// Who is back within a moment, as after a page was loaded anew, had not gone.
package final class ForumPresence: Sendable {
    private struct State {
        var online = OnlineUsers()
        /// Who has gone and is not told of yet.
        var leaving: Set<String> = []
    }

    private let hub: Hub
    private let node: String
    private let grace: TimeAmount
    private let now: @Sendable () -> Timestamp
    private let state = Mutex(State())

    /// - Parameters:
    ///   - node: What this node is called among the others.
    ///   - grace: How long somebody may be away without being told of.
    package init(
        hub: Hub,
        node: String,
        grace: Duration = .seconds(1),
        now: @escaping @Sendable () -> Timestamp = { .now }
    ) {
        self.hub = hub
        self.node = node
        self.grace = TimeAmount(grace)
        self.now = now
    }

    /// Users who are online.
    package var count: Int { state.withLock { $0.online.count } }

    func arrived(_ profile: Profile) {
        let isNews = state.withLock { state in
            let devices = state.online.devices(of: profile.userID, on: node)
            let change = state.online.set(profile.userID, devices: devices + 1, on: node)
            return state.leaving.remove(profile.userID) == nil && change == .online
        }
        guard isNews else { return }
        publish("user_online", ForumSpelling.online(profile, lastSeen: now()))
    }

    func left(_ userID: String) {
        let isGone = state.withLock { state in
            let devices = state.online.devices(of: userID, on: node)
            guard state.online.set(userID, devices: max(devices - 1, 0), on: node) == .offline else { return false }
            return state.leaving.insert(userID).inserted
        }
        guard isGone else { return }
        let lastSeen = now()
        hub.loop(of: userID).scheduleTask(in: grace) { [self] in
            let isStillGone = state.withLock { $0.leaving.remove(userID) != nil }
            if isStillGone { publish("user_offline", ForumSpelling.offline(userID, lastSeen: lastSeen)) }
        }
    }

    private func publish(_ name: String, _ payload: JSONObject) {
        hub.publish(
            TopicEvent(topic: SocketTopics.forum, name: name, content: .object(payload), policy: .mayDrop)
        )
    }
}
