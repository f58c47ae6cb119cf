/// Which users are online, on which nodes: a set that merges, whatever the order in which nodes hear of one another.
///
/// Each node alone says what holds for itself; a user is online while at least one node says so.
package struct OnlineUsers: Sendable {
    /// What a user has become for everybody.
    package enum Change: Sendable, Hashable {
        case online
        case offline
    }

    private struct Presence: Sendable {
        /// Devices by node.
        var devices: [String: Int] = [:]
    }

    private var users: [String: Presence] = [:]

    package init() {}

    package var count: Int { users.count }

    package func isOnline(_ userID: String) -> Bool { users[userID] != nil }

    /// Notes how many devices of a user a node has; returns what that makes of the user, if it is news.
    package mutating func set(_ userID: String, devices: Int, on node: String) -> Change? {
        var presence = users[userID] ?? Presence()
        let wasOnline = users[userID] != nil
        presence.devices[node] = devices > 0 ? devices : nil
        users[userID] = presence.devices.isEmpty ? nil : presence
        switch (wasOnline, users[userID] != nil) {
        case (false, true): return .online
        case (true, false): return .offline
        default: return nil
        }
    }

    /// How many devices of a user a node has.
    package func devices(of userID: String, on node: String) -> Int { users[userID]?.devices[node] ?? 0 }

    /// A node is gone; returns who is offline because of it.
    package mutating func forget(_ node: String) -> [String] {
        users.keys.sorted().filter { set($0, devices: 0, on: node) == .offline }
    }
}
