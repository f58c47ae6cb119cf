import NIOCore
package import RealtimeHTTP

/// What a client said when it came; the parameters that are Engine.IO's own are not among the others.
package struct EngineHandshake: Sendable {
    package let query: QueryParameters
    /// The address of the connection; empty where it has none.
    package let remoteAddress: String

    /// What proxies say of where it came from: the values of `X-Forwarded-For`.
    package let forwardedFor: [String]

    init(query: QueryParameters, remoteAddress: SocketAddress?, forwardedFor: [String]) {
        self.forwardedFor = forwardedFor
        self.query = query.excluding(["EIO", "transport", "t", "b64", "sid", "j"])
        self.remoteAddress = remoteAddress?.ipAddress ?? ""
    }
}
