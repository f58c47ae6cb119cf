import EngineIO
package import NIOCore
package import RealtimeHTTP

/// What stands behind one namespace: decides who may connect, and makes what handles them.
package protocol SocketNamespace: Sendable {
    /// Decides about a client that asks to connect; called on `loop`, the client's.
    func connect(_ request: SocketConnect, on loop: any EventLoop) -> SocketAdmission

    /// Decides about a client that comes back to a process that does not know it; who is refused connects anew.
    func resume(_ session: StoredSession, _ request: SocketConnect, on loop: any EventLoop) -> SocketAdmission
}

extension SocketNamespace {
    package func resume(
        _ session: StoredSession,
        _ request: SocketConnect,
        on loop: any EventLoop
    ) -> SocketAdmission { .refused("") }
}

/// What a client says when it asks to connect to a namespace.
package struct SocketConnect: Sendable {
    package let namespace: String
    /// A JSON object, encoded; `nil` if the client sent none.
    package let auth: ByteBuffer?
    private let handshake: EngineHandshake

    init(namespace: String, auth: ByteBuffer?, handshake: EngineHandshake) {
        self.namespace = namespace
        self.auth = auth
        self.handshake = handshake
    }

    /// The parameters of the connection's first request.
    package var query: QueryParameters { handshake.query }

    /// Where that request came from.
    package var remoteAddress: String { handshake.remoteAddress }

    /// What proxies say of that, if one can believe them.
    package var forwardedFor: [String] { handshake.forwardedFor }
}

/// The answer to a client that asks to connect.
package enum SocketAdmission: Sendable {
    /// It may; its handler is made on its event loop.
    case accepted(@Sendable () -> any SocketHandler)
    /// It may not, and is told why; `data` is one JSON value.
    case refused(String, data: ByteBuffer? = nil)
    /// The answer comes later; until then nothing of what the client says is looked at.
    case pending(EventLoopFuture<SocketAdmission>)
}
