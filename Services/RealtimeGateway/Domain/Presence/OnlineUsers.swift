package import EventSchema

/// Who is online, on whatever node and however many devices: a set that nodes merge.
///
/// Each node counts the devices of its own users; what it says of them replaces what it said before, so that nothing
/// depends on the order in which nodes hear of one another.
package struct OnlineUsers: Sendable {
    /// What became of a user.
    package struct Change: Sendable, Hashable {
        package let userID: String
        package let isOnline: Bool
        /// When the user came or went.
        package let at: Timestamp
    }

    /// Devices by node, by user.
    private var users: [String: [String: Int]] = [:]
    private var seen: RecentValues<String, Timestamp>

    /// - Parameter capacity: Users of whom is remembered when they went.
    package init(capacity: Int = 100_000) {
        seen = RecentValues(capacity: capacity)
    }

    package var count: Int { users.count }
    package var userIDs: Dictionary<String, [String: Int]>.Keys { users.keys }

    package func isOnline(_ userID: String) -> Bool { users[userID] != nil }

    /// When a user went; `nil` for who is online, or is not remembered.
    package func lastSeen(_ userID: String) -> Timestamp? { isOnline(userID) ? nil : seen[userID] }

    /// A node's users and their devices, as the others need them.
    package func users(of node: String) -> [String: Int] { users.compactMapValues { $0[node] } }

    // MARK: One by one

    /// A device of `userID` has come to `node`; returns whether that brought the user online.
    package mutating func arrived(_ userID: String, on node: String, at now: Timestamp) -> Change? {
        set((users[userID]?[node] ?? 0) + 1, userID, node, now)
    }

    /// A device of `userID` has left `node`; returns whether that took the user offline.
    package mutating func left(_ userID: String, _ node: String, at now: Timestamp) -> Change? {
        guard let devices = users[userID]?[node] else { return nil }
        return set(devices - 1, userID, node, now)
    }

    // MARK: Nodes

    /// A node says which users it has, and nothing else of what it said before holds.
    package mutating func merge(_ devices: [String: Int], of node: String, at now: Timestamp) -> [Change] {
        let gone = users.filter { $0.value[node] != nil && devices[$0.key] == nil }.map(\.key)
        let changes = devices.map { ($0.key, max(0, $0.value)) } + gone.map { ($0, 0) }
        return changes.sorted { $0.0 < $1.0 }.compactMap { set($0.1, $0.0, node, now) }
    }

    /// A node is no more.
    package mutating func forget(_ node: String, at now: Timestamp) -> [Change] { merge([:], of: node, at: now) }

    /// A node says how many devices of a user it has; saying it again changes nothing.
    package mutating func set(
        _ devices: Int,
        _ userID: String,
        _ node: String,
        _ now: Timestamp
    ) -> Change? {
        let wasOnline = isOnline(userID)
        users[userID, default: [:]][node] = devices > 0 ? devices : nil
        if users[userID]?.isEmpty == true { users[userID] = nil }
        let isOnline = isOnline(userID)
        guard isOnline != wasOnline else { return nil }
        if !isOnline { seen.set(userID, now) }
        return Change(userID: userID, isOnline: isOnline, at: now)
    }
}
