package import EngineIO
import NIOCore
package import RealtimeHTTP
import Synchronization

/// Socket.IO, protocol 5, on Engine.IO 4: namespaces, and who is connected to them.
package final class SocketServer: Sendable {
    private let namespaces: [String: any SocketNamespace]
    private let otherwise: (@Sendable (_ name: String) -> (any SocketNamespace)?)?
    package let limits: SocketLimits
    let connectTimeout: TimeAmount
    let attachmentTimeout: TimeAmount
    private let recovers: Bool
    private let vault: (any SessionVault)?
    private let spellings: SocketSpellings

    /// - Parameters:
    ///   - namespaces: What there is, by name: `/`, `/chat`.
    ///   - otherwise: Is asked for any other.
    ///   - recovers: Whether clients that lose their connections may come back for what they have missed; every event that
    ///     has to arrive then has where it stands as its last argument.
    ///   - vault: Lets them come back to another process than the one that they lost, too.
    package init(
        namespaces: [String: any SocketNamespace],
        otherwise: (@Sendable (_ name: String) -> (any SocketNamespace)?)? = nil,
        limits: SocketLimits = SocketLimits(),
        recovers: Bool = false,
        vault: (any SessionVault)? = nil
    ) {
        self.vault = vault
        self.recovers = recovers
        spellings = SocketSpellings(showsOffsets: recovers)
        self.namespaces = namespaces
        self.otherwise = otherwise
        self.limits = limits
        connectTimeout = TimeAmount(limits.connectTimeout)
        attachmentTimeout = TimeAmount(limits.attachmentTimeout)
    }

    /// Where clients come in.
    ///
    /// - `path`: ends in a slash; `origins`: the pages that may connect; `node`: this node's name, which session ids carry.
    package func endpoint(
        path: String = "/socket.io/",
        hub: Hub,
        options: EngineOptions = EngineOptions(),
        origins: AllowedOrigins = .any,
        node: String = "local"
    ) -> EngineServer {
        let recovery = recovers ? SocketRecovery(log: hub.recovery, limit: limits.keptSockets, vault: vault) : nil
        return EngineServer(path: path, hub: hub, options: options, origins: origins, node: node) {
            [self] handshake, _ in SocketSession(server: self, handshake: handshake, recovery: recovery)
        }
    }

    func namespace(_ name: String) -> (any SocketNamespace)? { namespaces[name] ?? otherwise?(name) }

    func spelling(_ name: String) -> SocketSpelling { spellings[name] }
}
