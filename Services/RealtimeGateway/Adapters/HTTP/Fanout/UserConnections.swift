package import RealtimeDomain
import Synchronization

/// Which connections of this node are whose, and that nobody has too many.
///
/// A user's place is taken before the connection opens, so that the bound is exact however many ask at once.
package final class UserConnections: Sendable {
    /// Somebody on the way in, or a connection that is open.
    private struct Place {
        let id: Int
        var connection: (any ClientConnection)?
        /// Whether the user was disconnected while the connection had not opened yet.
        var isRevoked = false
    }

    private struct State {
        var nextID = 0
        /// Few per user, so a search beats a dictionary in bytes.
        var users: [String: [Place]] = [:]
        /// When users were disconnected last.
        var revocations = RecentValues<String, ContinuousClock.Instant>(capacity: 10_000)
    }

    private let limit: Int
    private let state = Mutex(State())

    /// - Parameter limit: How many connections a user may have at once; 0 for any number.
    init(limit: Int) {
        self.limit = limit
    }

    /// Takes a place for one connection more; `nil` if the user has as many as may be.
    package func admit(_ identity: Identity) -> UserPlace? {
        let userID = identity.userID
        let id = state.withLock { state -> Int? in
            guard limit == 0 || state.users[userID, default: []].count < limit else { return nil }
            state.nextID += 1
            state.users[userID, default: []].append(Place(id: state.nextID))
            return state.nextID
        }
        return id.map { UserPlace(userID: userID, id: $0, users: self) }
    }

    /// How many places a user has taken.
    package func count(of userID: String) -> Int { state.withLock { $0.users[userID]?.count ?? 0 } }

    /// The connections of a user that are open.
    package func connections(of userID: String) -> [any ClientConnection] {
        state.withLock { $0.users[userID]?.compactMap(\.connection) ?? [] }
    }

    /// The connections of a user that are open; those on their way in will not open.
    func revoke(_ userID: String) -> [any ClientConnection] {
        state.withLock { state in
            _ = state.revocations.set(userID, .now)
            guard let places = state.users[userID] else { return [] }
            for index in places.indices where places[index].connection == nil {
                state.users[userID]?[index].isRevoked = true
            }
            return places.compactMap(\.connection)
        }
    }

    /// Whether a user was disconnected since then; ever, where that is not known.
    package func wasRevoked(_ userID: String, since time: ContinuousClock.Instant?) -> Bool {
        state.withLock { state in
            state.revocations[userID].map { revocation in time.map { $0 <= revocation } ?? true } ?? false
        }
    }

    /// Notes whose connection it is; returns whether it may stay.
    fileprivate func opened(_ connection: any ClientConnection, _ userID: String, _ id: Int) -> Bool {
        state.withLock { state in
            guard let index = state.users[userID]?.firstIndex(where: { $0.id == id }) else { return false }
            state.users[userID]?[index].connection = connection
            return state.users[userID]?[index].isRevoked == false
        }
    }

    fileprivate func left(_ userID: String, _ id: Int) {
        // Let go of outside of the lock: a connection may be the last to hold something of ours.
        _ = state.withLock { state -> Place? in
            guard let index = state.users[userID]?.firstIndex(where: { $0.id == id }) else { return nil }
            defer { if state.users[userID]?.isEmpty == true { state.users[userID] = nil } }
            return state.users[userID]?.remove(at: index)
        }
    }
}

/// The place of one connection among its user's; given back with the last reference to it.
///
/// Whatever becomes of a client on its way in or afterwards, who holds this for it is let go in the end.
package final class UserPlace: Sendable {
    private let userID: String
    private let id: Int
    private let users: UserConnections

    fileprivate init(userID: String, id: Int, users: UserConnections) {
        self.userID = userID
        self.id = id
        self.users = users
    }

    deinit { users.left(userID, id) }

    /// The connection has opened; it is closed at once if its user was disconnected meanwhile.
    package func opened(_ connection: any ClientConnection) {
        guard !users.opened(connection, userID, id) else { return }
        connection.close(.policyViolation, Hub.disconnected)
    }
}
