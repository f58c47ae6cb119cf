import NIOCore
import Synchronization

/// The polling clients of a node, by the tokens they were given.
package final class PollingSessions: Sendable {
    private struct State {
        var connections: [PollingSessionID: PollingConnection] = [:]
        /// Those included that are about to open.
        var count = 0
    }

    package let limits: PollingLimits
    private let hub: Hub
    private let tokens: PollingTokens
    private let state = Mutex(State())

    /// - Parameter node: The name of this node, which tokens carry.
    package init(hub: Hub, node: String, limits: PollingLimits) {
        self.hub = hub
        self.limits = limits
        tokens = PollingTokens(node: node)
    }

    /// How many sessions there are.
    package var count: Int { state.withLock(\.count) }

    /// Opens a session, made on its event loop.
    ///
    /// - Returns: Its token; `nil` if there are as many as may be, or the node is about to go.
    package func open(_ makeSession: @escaping @Sendable () -> any ClientSession) async throws -> String? {
        let isRoom = state.withLock { state in
            guard state.count < limits.sessions else { return false }
            state.count += 1
            return true
        }
        guard isRoom else { return nil }
        let shard = hub.nextShard()
        return try await shard.loop.submit { [self] in open(makeSession(), on: shard) }.get()
    }

    private func open(_ session: any ClientSession, on shard: Shard) -> String? {
        // Said before this loop is told to let its clients go, so that none slips in behind.
        guard !hub.isDraining else {
            state.withLock { $0.count -= 1 }
            return nil
        }
        let id = PollingSessionID.random()
        let connection = PollingConnection(shard: shard, limits: limits, session: session) { [self] in ended(id) }
        state.withLock { $0.connections[id] = connection }
        connection.open()
        return tokens.token(for: id)
    }

    /// The session that one of `tokens` names, the last first, if it is not over.
    package func connection(for tokens: [String]) -> (token: String, connection: PollingConnection)? {
        for token in tokens.reversed() {
            guard let id = self.tokens.id(in: token) else { continue }
            return state.withLock { $0.connections[id] }.map { (token, $0) }
        }
        return nil
    }

    private func ended(_ id: PollingSessionID) {
        // Let go of outside of the lock, whatever it holds last.
        _ = state.withLock { state -> PollingConnection? in
            state.count -= 1
            return state.connections.removeValue(forKey: id)
        }
    }

    /// Of repeated parameters the last that is no session's: who the client says it is.
    package static func credential(in tokens: [String]) -> String? { tokens.last { !PollingTokens.isToken($0) } }
}
