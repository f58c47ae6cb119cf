import RealtimeHTTP
import Synchronization

/// The sessions of this node that began by polling, by their ids.
///
/// One that has gone to a WebSocket stays among them until it ends, so that its requests are told what is wrong; sessions
/// that began as WebSockets have nobody to look for them.
final class EngineSessions: Sendable {
    /// A session, to be touched on its shard's loop.
    struct Entry: Sendable {
        let shard: Shard
        let socket: EngineSocket
    }

    private struct State {
        var entries: [PollingSessionID: Entry] = [:]
        /// Those that poll, or are about to.
        var pollingCount = 0
    }

    private let limit: Int
    private let tokens: PollingTokens
    private let state = Mutex(State())

    init(node: String, limit: Int) {
        self.limit = limit
        tokens = PollingTokens(node: node, mark: "e1")
    }

    /// Takes a place for a polling session more; returns whether there was one.
    func reserve() -> Bool {
        state.withLock { state in
            guard state.pollingCount < limit else { return false }
            state.pollingCount += 1
            return true
        }
    }

    /// Gives back the place of a session that polls no more.
    func release() { state.withLock { $0.pollingCount -= 1 } }

    func insert(_ entry: Entry, as id: PollingSessionID) {
        state.withLock { $0.entries[id] = entry }
    }

    func remove(_ id: PollingSessionID) {
        // Let go of outside of the lock, whatever it holds last.
        _ = state.withLock { $0.entries.removeValue(forKey: id) }
    }

    func sid(_ id: PollingSessionID) -> String { tokens.token(for: id) }

    /// The session that `sid` names; `nil` for one that is over, or another node's, or made up.
    subscript(sid: String) -> Entry? {
        guard let id = tokens.id(in: sid) else { return nil }
        return state.withLock { $0.entries[id] }
    }

    var pollingCount: Int { state.withLock(\.pollingCount) }
    var all: [Entry] { state.withLock { Array($0.entries.values) } }
}
