package import EventSchema
import NIOCore
package import RealtimeDomain
package import RealtimeHTTP
import Synchronization

/// Tells the forum who comes online with their first device and goes offline with their last, on whatever node.
///
/// Who is back within a moment, as after a page was loaded anew, had not gone.
package final class ForumPresence: UserStatusAudience {
    private struct State {
        var online = OnlineUsers()
        /// This node's devices; of who has gone a moment ago none, until that is told.
        var devices: [String: Int] = [:]
    }

    private let hub: Hub
    private let node: String
    private let nodes: any NodeMessenger
    private let grace: TimeAmount
    private let now: @Sendable () -> Timestamp
    private let state = Mutex(State())

    /// - Parameters:
    ///   - node: What this node is called among the others.
    ///   - nodes: Tells them.
    ///   - grace: How long somebody may be away without being told of.
    package init(
        hub: Hub,
        node: String,
        nodes: any NodeMessenger,
        grace: Duration = .seconds(1),
        now: @escaping @Sendable () -> Timestamp = { .now }
    ) {
        self.hub = hub
        self.node = node
        self.nodes = nodes
        self.grace = TimeAmount(grace)
        self.now = now
    }

    /// Users who are online.
    package var count: Int { state.withLock { $0.online.count } }

    // What is told is handed over with the lock held, which is what keeps the order of what happens to a user.

    // MARK: This node

    func arrived(_ profile: Profile) {
        state.withLock { state in
            let devices = state.devices[profile.userID]
            state.devices[profile.userID] = (devices ?? 0) + 1
            if state.online.set(1, profile.userID, node, now()) != nil { tellOnline(profile) }
            if devices == nil { nodes.send(UserOnline(UserStatus(profile, node: node, at: now()))) }
        }
    }

    func left(_ profile: Profile) {
        let isLast = state.withLock { state in
            let devices = max((state.devices[profile.userID] ?? 0) - 1, 0)
            state.devices[profile.userID] = devices
            return devices == 0
        }
        guard isLast else { return }
        let lastSeen = now()
        hub.loop(of: profile.userID).scheduleTask(in: grace) { [self] in gone(profile, lastSeen) }
    }

    private func gone(_ profile: Profile, _ lastSeen: Timestamp) {
        state.withLock { state in
            // Otherwise the user is back, or it has been told.
            guard state.devices[profile.userID] == 0 else { return }
            state.devices[profile.userID] = nil
            nodes.send(UserOffline(UserStatus(profile, node: node, at: lastSeen)))
            if state.online.set(0, profile.userID, node, lastSeen) != nil { tellOffline(profile.userID, lastSeen) }
        }
    }

    // MARK: Other nodes

    package func tell(_ status: UserStatus, isOnline: Bool) {
        guard status.node != node else { return }
        state.withLock { state in
            let isNews = state.online.set(isOnline ? 1 : 0, status.user.userID, status.node, status.at) != nil
            guard isNews else { return }
            if isOnline { tellOnline(status.user) } else { tellOffline(status.user.userID, status.at) }
        }
    }

    // MARK: Telling

    private func tellOnline(_ profile: Profile) {
        publish("user_online", ForumSpelling.online(profile, lastSeen: now()), of: profile.userID)
    }

    private func tellOffline(_ userID: String, _ lastSeen: Timestamp) {
        publish("user_offline", ForumSpelling.offline(userID, lastSeen: lastSeen), of: userID)
    }

    /// On one loop for all news of a user, and not at once: who is told may be closed over it, and come back here.
    private func publish(_ name: String, _ payload: JSONObject, of userID: String) {
        hub.loop(of: userID).execute { [hub] in
            hub.publish(
                TopicEvent(topic: SocketTopics.forum, name: name, content: .object(payload), policy: .mayDrop)
            )
        }
    }
}
