import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1

/// Reads what a connection begins with: turns it into a WebSocket, has its requests answered on the event loop, or has the
/// HTTP server read it.
///
/// Connections come here that did not begin with a plain request for a WebSocket, see ``Arrival``.
///
/// Once the HTTP server reads a connection, no request of it may ask for a WebSocket. A WebSocket costs no HTTP codec; what
/// is for the HTTP server is decoded and answered as if this had never looked at it.
final class UpgradeHandler: ChannelInboundHandler, RemovableChannelHandler, TimerWheelMember {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum State {
        /// What has come does not tell yet what is asked for.
        case unknown
        case reading(any WebSocketEndpoint)
        case deciding
        /// The request is for the HTTP server; what comes goes through, until its head has been read.
        case decoding
        case done
    }

    /// A client that says nothing for this long is cut off.
    static let patience = TimeAmount.seconds(10)
    /// How long a client that was refused may take to go.
    private static let farewell = TimeAmount.seconds(1)
    /// Empty lines that may come before the request.
    private static let maximumEmptyLines = 8

    private let gateway: GatewayChannel
    private let shard: Shard
    /// What its first request is to be answered, if that has been decided.
    private let refusal: UpgradeRefusal?
    private var state = State.unknown
    private var context: ChannelHandlerContext?
    private var parser = HeadParser()
    /// What has come and was not handed on.
    private var bytes = ByteBuffer()
    private var emptyLines = 0
    private var isPaused = false
    private var deadline = NIODeadline.now()
    var timerPosition: TimerWheel.Position?

    init(_ gateway: GatewayChannel, shard: Shard, refused refusal: UpgradeRefusal? = nil) {
        self.gateway = gateway
        self.shard = shard
        self.refusal = refusal
    }

    private var settings: GatewayChannel.Settings { gateway.settings }

    // MARK: Reading the request

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        wait(Self.patience)
    }

    func channelActive(context: ChannelHandlerContext) {
        if let refusal { refuse(refusal.status, context, refusal.body, refusal.headers) }
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .decoding = state { return context.fireChannelRead(data) }
        if case .done = state { return }
        let more = unwrapInboundIn(data)
        if bytes.readableBytes == 0 { bytes = more } else { bytes.writeImmutableBuffer(more) }
        switch state {
        case .unknown: look(context)
        case .reading(let endpoint): read(endpoint, context)
        case .deciding: pauseIfFull(context)
        case .decoding, .done: break
        }
    }

    private func look(_ context: ChannelHandlerContext) {
        // RFC 9112 section 2.2: an empty line before the request means nothing.
        while bytes.readableBytesView.starts(with: "\r\n".utf8) {
            bytes.moveReaderIndex(forwardBy: 2)
            emptyLines += 1
            guard emptyLines <= Self.maximumEmptyLines else { return refuse(.badRequest, context) }
        }
        if emptyLines > 0 { bytes.discardReadBytes() }
        switch UpgradeTarget(bytes, among: settings.endpoints) {
        case .unknown: break
        case .other: decodeHTTP(context)
        case .endpoint(let endpoint):
            state = .reading(endpoint)
            read(endpoint, context)
        }
    }

    private func read(_ endpoint: any WebSocketEndpoint, _ context: ChannelHandlerContext) {
        do throws(HeadParser.Fault) {
            if let head = try parser.read(bytes) { take(head, endpoint, context) }
        } catch {
            refuse(error == .tooLarge ? .requestHeaderFieldsTooLarge : .badRequest, context)
        }
    }

    private func take(_ head: RequestHead, _ endpoint: any WebSocketEndpoint, _ context: ChannelHandlerContext) {
        if let responder = endpoint.responder, !head.asksForWebSocket {
            return head.hasEncodedContent ? decodeHTTP(context) : exchange(responder, endpoint.path, context)
        }
        guard head.isVersion11, head.isPlainGET else { return refuse(.badRequest, context) }
        bytes.moveReaderIndex(forwardBy: head.length)
        // The context would ask the kernel for the address again.
        let address = context.channel.remoteAddress
        decide(UpgradeRequest(head, path: endpoint.path, remoteAddress: address), endpoint, context)
    }

    /// Takes no more from a client that sends on before it has an answer.
    private func pauseIfFull(_ context: ChannelHandlerContext) {
        guard !isPaused, bytes.readableBytes > HeadParser.maximumBytes else { return }
        isPaused = true
        try? context.channel.syncOptions?.setOption(.autoRead, value: false)
    }

    // MARK: Answering

    private func decide(_ request: UpgradeRequest, _ endpoint: any WebSocketEndpoint, _ context: ChannelHandlerContext)
    {
        state = .deciding
        endpoint.answer(request, on: context.eventLoop) { self.finish($0, request) }
    }

    private func finish(_ answer: UpgradeAnswer, _ request: UpgradeRequest) {
        guard case .deciding = state, let context, context.channel.isActive else { return }
        switch answer {
        case .refuse(let status, let body, let headers): refuse(status, context, body, headers)
        case .accept(let subprotocol, let makeSession):
            if let fault = WebSocketHandshake.fault(request) {
                refuse(.badRequest, context, fault)
            } else {
                let key = WebSocketHandshake.accept(request.headers.first(name: "sec-websocket-key") ?? "")
                let response = UpgradeResponse.switching(accept: key, subprotocol: subprotocol)
                context.writeAndFlush(wrapOutboundOut(response), promise: nil)
                becomeWebSocket(makeSession(settings.hub), context)
            }
        }
    }

    private func becomeWebSocket(_ session: any ClientSession, _ context: ChannelHandlerContext) {
        settle()
        do {
            try gateway.becomeWebSocket(session, on: context.channel, of: shard)
        } catch {
            return context.close(promise: nil)
        }
        if isPaused { try? context.channel.syncOptions?.setOption(.autoRead, value: true) }
        if bytes.readableBytes > 0 { context.fireChannelRead(wrapInboundOut(bytes)) }
        context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
    }

    private func refuse(
        _ status: HTTPResponseStatus,
        _ context: ChannelHandlerContext,
        _ body: String = "",
        _ headers: HTTPHeaders = [:]
    ) {
        settle()
        bytes = ByteBuffer()
        settings.hub.metrics.upgradeRefused(status.code)
        context.writeAndFlush(wrapOutboundOut(UpgradeResponse.refusal(status, body, headers)), promise: nil)
        context.close(mode: .output, promise: nil)
        wait(Self.farewell)
    }

    /// Nothing is waited for any more.
    private func settle() {
        state = .done
        shard.wheel.remove(self)
    }

    // MARK: HTTP

    private func exchange(_ responder: any ExchangeResponder, _ path: String, _ context: ChannelHandlerContext) {
        settle()
        do {
            try gateway.becomeExchange(with: responder, at: path, on: context.channel, of: shard)
        } catch {
            return context.close(promise: nil)
        }
        context.fireChannelRead(wrapInboundOut(bytes))
        context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
    }

    private func decodeHTTP(_ context: ChannelHandlerContext) {
        state = .decoding
        do {
            try gateway.decodeHTTP(context.channel, for: self)
        } catch {
            return context.close(promise: nil)
        }
        let first = bytes
        bytes = ByteBuffer()
        context.fireChannelRead(wrapInboundOut(first))
    }

    /// The HTTP decoder has read the first head, and whoever is to answer it is there.
    func becameHTTP() {
        guard let context else { return }
        settle()
        context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
    }

    /// The HTTP decoder found no head in what came first.
    func foundNoHTTP() {
        guard case .decoding = state, let context else { return }
        refuse(.badRequest, context)
    }

    // MARK: Going away

    var client: (any ClientConnection)? { nil }

    private func wait(_ time: TimeAmount) {
        deadline = .now() + time
        shard.watch(self, until: deadline)
    }

    func deadlinePassed(_ now: NIODeadline) -> NIODeadline? {
        if now < deadline { return deadline }
        context?.close(promise: nil)
        return nil
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        shard.wheel.remove(self)
        self.context = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        settle()
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
        context.close(promise: nil)
    }
}
