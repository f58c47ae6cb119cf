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
    ///   - recovery: How clients that lose their connections are told up to where they need not be told again when they
    ///     come back; `nil` if they come back as others.
    ///   - vault: Lets them come back to another process than the one that they lost, too.
    package init(
        namespaces: [String: any SocketNamespace],
        otherwise: (@Sendable (_ name: String) -> (any SocketNamespace)?)? = nil,
        limits: SocketLimits = SocketLimits(),
        recovery: OffsetSpelling? = nil,
        vault: (any SessionVault)? = nil
    ) {
        self.vault = vault
        recovers = recovery != nil
        spellings = SocketSpellings(offsets: recovery)
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
