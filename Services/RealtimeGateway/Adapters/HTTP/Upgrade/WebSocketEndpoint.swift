package import Hummingbird
package import NIOHTTP1

/// A path at which clients open WebSockets of one protocol.
package protocol WebSocketEndpoint: Sendable {
    /// The exact path, without a query.
    var path: String { get }

    /// Whether the path is also one of HTTP: what does not ask for a WebSocket there is for the router to answer.
    var servesHTTP: Bool { get }

    /// Decides about a request; may take its time, for example to verify a token.
    func answer(_ request: UpgradeRequest) async -> UpgradeAnswer

    /// Adds what clients of the protocol may ask for without a WebSocket.
    func addRoutes<Context: RequestContext>(to router: Router<Context>)
}

extension WebSocketEndpoint {
    package var servesHTTP: Bool { false }

    package func addRoutes<Context: RequestContext>(to router: Router<Context>) {}
}

/// What becomes of a request for a WebSocket.
package enum UpgradeAnswer: Sendable {
    /// It is opened. `subprotocol` is the one chosen of those the client offered.
    case accept(subprotocol: String? = nil, session: @Sendable (_ hub: Hub) -> any ClientSession)
    /// It is refused; the body is plain text, and says nothing that helps a stranger.
    case refuse(HTTPResponseStatus, body: String = "", headers: HTTPHeaders = [:])
}
