package import Hummingbird
import NIOCore
package import NIOHTTP1

/// A path at which clients open WebSockets of one protocol.
package protocol WebSocketEndpoint: Sendable {
    /// The exact path, without a query.
    var path: String { get }

    /// Who answers what does not ask for a WebSocket at the path; `nil` if nothing else may be asked there.
    var responder: (any ExchangeResponder)? { get }

    /// Decides about a request; may take its time, for example to verify a token.
    func answer(_ request: UpgradeRequest) async -> UpgradeAnswer

    /// Adds what clients of the protocol may ask for over HTTP: what the ``responder`` answers, or something at other paths.
    func addRoutes<Context: RequestContext>(to router: Router<Context>)
}

extension WebSocketEndpoint {
    /// Decides about a request, and calls `completion` on `loop`, from which it has to be called.
    ///
    /// It begins here and now, and mostly ends there: an answer that waits for nothing costs no switch of threads.
    func answer(
        _ request: UpgradeRequest,
        on loop: any EventLoop,
        _ completion: @escaping (UpgradeAnswer) -> Void
    ) {
        let bound = NIOLoopBound(completion, eventLoop: loop)
        Task.immediate {
            let answer = await answer(request)
            if loop.inEventLoop { bound.value(answer) } else { loop.execute { bound.value(answer) } }
        }
    }

    package var responder: (any ExchangeResponder)? { nil }

    package func addRoutes<Context: RequestContext>(to router: Router<Context>) {
        if let responder { ExchangeRoutes(responder: responder).addRoutes(to: router, path: path) }
    }
}

/// Why nobody gets a WebSocket, in the words of ``UpgradeAnswer``.
struct UpgradeRefusal: Sendable {
    let status: HTTPResponseStatus
    let body: String
    let headers: HTTPHeaders
}

/// What becomes of a request for a WebSocket.
package enum UpgradeAnswer: Sendable {
    /// It is opened. `subprotocol` is the one chosen of those the client offered.
    case accept(subprotocol: String? = nil, session: @Sendable (_ hub: Hub) -> any ClientSession)
    /// It is refused; the body is plain text, and says nothing that helps a stranger.
    case refuse(HTTPResponseStatus, body: String = "", headers: HTTPHeaders = [:])
}
