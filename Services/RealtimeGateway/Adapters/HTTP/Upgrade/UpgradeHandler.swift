import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTPTypes

/// Reads a connection's first request and turns the connection into a WebSocket, or hands it to the HTTP server.
///
/// Only the first request of a connection may ask for a WebSocket.
final class UpgradeHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private enum State {
        case awaitingHead
        /// The head asks for an endpoint of ours; the request's end is still to come.
        case awaitingEnd(HTTPRequestHead, any WebSocketEndpoint)
        case deciding
        case done
    }

    /// A client that says nothing for this long is cut off.
    private static let patience = TimeAmount.seconds(10)

    private let gateway: GatewayChannel
    private var state = State.awaitingHead
    private var timeout: Scheduled<Void>?

    init(_ gateway: GatewayChannel) {
        self.gateway = gateway
    }

    private var settings: GatewayChannel.Settings { gateway.settings }

    // MARK: Reading the request

    func channelActive(context: ChannelHandlerContext) {
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        timeout = context.eventLoop.scheduleTask(in: Self.patience) { bound.value.close(promise: nil) }
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch (state, unwrapInboundIn(data)) {
        case (.awaitingHead, .head(let head)): read(head, context)
        case (.awaitingEnd(let head, let endpoint), .end): decide(head, endpoint, context)
        case (.done, _): context.fireChannelRead(data)
        // A body has no business in a request for a WebSocket, nor has anything that follows before the answer.
        case (.awaitingHead, _), (.awaitingEnd, _), (.deciding, _): break
        }
    }

    private func read(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        let path = head.uri.prefix { $0 != "?" }
        guard let endpoint = settings.endpoints.first(where: { $0.path == path && (!$0.servesHTTP || head.asksForWebSocket) })
        else {
            becomeHTTP(head, context)
            return
        }
        guard head.method == .GET else {
            refuse(.badRequest, "", context)
            return
        }
        state = .awaitingEnd(head, endpoint)
    }

    private func decide(_ head: HTTPRequestHead, _ endpoint: any WebSocketEndpoint, _ context: ChannelHandlerContext) {
        state = .deciding
        let request = UpgradeRequest(head, remoteAddress: context.remoteAddress)
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        let promise = context.eventLoop.makePromise(of: UpgradeAnswer.self)
        // Starts here and now, and mostly ends there: an answer that waits for nothing costs no switch of threads.
        Task.immediate { promise.succeed(await endpoint.answer(request)) }
        promise.futureResult.whenSuccess { answer in
            let (handler, context) = bound.value
            handler.finish(answer, request, context)
        }
    }

    private func finish(_ answer: UpgradeAnswer, _ request: UpgradeRequest, _ context: ChannelHandlerContext) {
        guard case .deciding = state, context.channel.isActive else { return }
        switch answer {
        case .refuse(let status, let body, let headers): refuse(status, body, context, headers: headers)
        case .accept(let subprotocol, let makeSession):
            if let fault = WebSocketHandshake.fault(request) {
                refuse(.badRequest, fault, context)
            } else {
                becomeWebSocket(request, subprotocol, makeSession(settings.hub), context)
            }
        }
    }

    // MARK: What it becomes

    private func becomeHTTP(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        settle()
        do {
            try gateway.becomeHTTP(context.channel)
            context.fireChannelRead(wrapInboundOut(.head(head)))
            context.pipeline.syncOperations.removeHandler(self, promise: nil)
        } catch {
            context.close(promise: nil)
        }
    }

    private func becomeWebSocket(
        _ request: UpgradeRequest,
        _ subprotocol: String?,
        _ session: any ClientSession,
        _ context: ChannelHandlerContext
    ) {
        settle()
        let headers = WebSocketHandshake.responseHeaders(request, subprotocol: subprotocol)
        respond(HTTPResponseHead(version: .http1_1, status: .switchingProtocols, headers: headers), "", context)
        do {
            try gateway.becomeWebSocket(session, on: context.channel, replacing: self)
        } catch {
            context.close(promise: nil)
        }
    }

    private func refuse(
        _ status: HTTPResponseStatus,
        _ body: String,
        _ context: ChannelHandlerContext,
        headers more: HTTPHeaders = [:]
    ) {
        settle()
        settings.hub.metrics.upgradeRefused(status.code)
        var headers: HTTPHeaders = ["content-length": "\(body.utf8.count)", "connection": "close"]
        headers.add(contentsOf: more)
        if !body.isEmpty, more["content-type"].isEmpty { headers.add(name: "content-type", value: "text/plain; charset=utf-8") }
        respond(HTTPResponseHead(version: .http1_1, status: status, headers: headers), body, context)
        context.close(mode: .output, promise: nil)
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        timeout = context.eventLoop.scheduleTask(in: .seconds(1)) { bound.value.close(promise: nil) }
    }

    private func respond(_ head: HTTPResponseHead, _ body: String, _ context: ChannelHandlerContext) {
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if !body.isEmpty { context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: body)))), promise: nil) }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    private func settle() {
        state = .done
        timeout?.cancel()
        timeout = nil
    }

    // MARK: Going away

    func channelInactive(context: ChannelHandlerContext) {
        timeout?.cancel()
        gateway.ended(context.channel)
        context.fireChannelInactive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is ChannelShouldQuiesceEvent, ChannelEvent.inputClosed: context.close(promise: nil)
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard case .done = state else {
            refuse(.badRequest, "", context)
            return
        }
        context.fireErrorCaught(error)
    }
}

extension HTTPRequestHead {
    /// Whether a GET names the protocol that it wants to change to.
    fileprivate var asksForWebSocket: Bool {
        method == .GET && headers[canonicalForm: "upgrade"].contains { $0.lowercased() == "websocket" }
    }
}
