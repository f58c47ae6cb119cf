import HTTPTypes
import NIOCore
import NIOHTTP1

/// Answers the requests that a connection brings for one endpoint, one after another, without a task for each.
///
/// What comes while a request is answered waits, up to a bound. A request for anything else ends this: it is read again as if
/// it were the first of the connection.
final class ExchangeHandler: ChannelInboundHandler, RemovableChannelHandler, TimerWheelMember {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundOut = ByteBuffer

    let gateway: GatewayChannel
    let responder: any ExchangeResponder
    private let path: String
    let shard: Shard
    var context: ChannelHandlerContext?
    var state = ExchangeState.reading
    var requests = RequestReader()
    private var method = ""
    var isLast = false
    var isInputClosed = false
    var hasSaidAll = false
    var isPaused = false
    var patience = ExchangePatience()
    var timerPosition: TimerWheel.Position?

    init(_ gateway: GatewayChannel, responder: any ExchangeResponder, path: String, shard: Shard) {
        self.gateway = gateway
        self.responder = responder
        self.path = path
        self.shard = shard
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .done = state { return }
        requests.append(unwrapInboundIn(data))
        goOn(context)
    }

    // MARK: Reading

    /// Does all that can be done now; a client that does not take its answers is not asked for more.
    func goOn(_ context: ChannelHandlerContext) {
        while step(context) {}
        rest(context)
    }

    /// Does what is next; returns whether there may be more to do.
    private func step(_ context: ChannelHandlerContext) -> Bool {
        switch state {
        case .reading: context.channel.isWritable && readHead(context)
        case .receiving(let receiving): readContent(receiving, context)
        case .answering, .done: false
        }
    }

    private func readHead(_ context: ChannelHandlerContext) -> Bool {
        do throws(HeadParser.Fault) {
            guard let head = try requests.head() else { return false }
            guard head.asks(for: path), !head.asksForWebSocket, !head.hasEncodedContent else { return handOn(context) }
            guard let length = head.contentLength else { throw .malformed }
            begin(head, length, context)
            return true
        } catch {
            refuse(error == .tooLarge ? .requestHeaderFieldsTooLarge : .badRequest, context)
            return false
        }
    }

    private func begin(_ head: RequestHead, _ length: Int, _ context: ChannelHandlerContext) {
        requests.takeHead(head)
        method = head.methodName
        // Content that is too large is not waited for, whether or not anybody wants it.
        if !head.keepsConnection || length > responder.contentLimit { isLast = true }
        let course = responder.begin(ExchangeRequest(head, remoteAddress: context.remoteAddress))
        switch course {
        case .answer, .wait: requests.skip(length)
        case .content: break
        }
        take(course, length, head.expectsContinue, context)
    }

    private func take(_ course: ExchangeCourse, _ length: Int, _ isExpected: Bool, _ context: ChannelHandlerContext) {
        switch course {
        case .answer(let answer): respond(answer, context)
        case .wait(let answer, let onAbort):
            state = .answering(onAbort: onAbort)
            wait(for: answer, context)
            if isInputClosed { abort() }
        case .content(let refusal, let finish):
            state = .receiving(ExchangeState.Receiving(length: length, isExpected: isExpected, finish: finish))
            let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
            refusal.hop(to: context.eventLoop).whenComplete { bound.value.allowed($0, finish) }
        }
    }

    /// The endpoint has said whether it wants the content.
    private func allowed(
        _ refusal: Result<ExchangeAnswer?, any Error>,
        _ finish: (ExchangeContent) -> EventLoopFuture<ExchangeAnswer>
    ) {
        guard let context, case .receiving(var receiving) = state else {
            if case .success(nil) = refusal { _ = finish(.aborted) }
            return
        }
        switch refusal {
        case .success(nil):
            receiving.isAllowed = true
            state = .receiving(receiving)
        case .success(let refusal?):
            requests.skip(receiving.length)
            respond(refusal, context)
        case .failure: return context.close(promise: nil)
        }
        goOn(context)
    }

    private func readContent(_ receiving: ExchangeState.Receiving, _ context: ChannelHandlerContext) -> Bool {
        guard receiving.isAllowed else { return false }
        if receiving.length > responder.contentLimit {
            finish(receiving, .tooLarge, context)
        } else if let content = requests.takeContent(receiving.length) {
            finish(receiving, .whole(content), context)
        } else {
            tellToContinue(receiving, context)
            return false
        }
        return true
    }

    private func finish(
        _ receiving: ExchangeState.Receiving,
        _ content: ExchangeContent,
        _ context: ChannelHandlerContext
    ) {
        state = .answering(onAbort: nil)
        wait(for: receiving.finish(content), context)
    }

    private func tellToContinue(_ receiving: ExchangeState.Receiving, _ context: ChannelHandlerContext) {
        guard receiving.isExpected else { return }
        var told = receiving
        told.isExpected = false
        state = .receiving(told)
        guard requests.waitingBytes == 0 else { return }
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: "HTTP/1.1 100 Continue\r\n\r\n")), promise: nil)
    }

    // MARK: Answering

    private func wait(for answer: EventLoopFuture<ExchangeAnswer>, _ context: ChannelHandlerContext) {
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        answer.hop(to: context.eventLoop).whenComplete { bound.value.answered($0) }
    }

    private func answered(_ answer: Result<ExchangeAnswer, any Error>) {
        guard let context, case .answering = state else { return }
        switch answer {
        case .success(let answer): respond(answer, context)
        case .failure: return context.close(promise: nil)
        }
        goOn(context)
    }

    private func respond(_ answer: ExchangeAnswer, _ context: ChannelHandlerContext) {
        shard.metrics.requestAnswered(method, answer.status.code)
        let isEnd = isLast
        let (first, rest) = answer.bytes(isLast: isEnd, isHead: method == "HEAD")
        method = ""
        patience.answered()
        // Before anything is written, since that may already bring on the next request.
        state = isEnd ? .done : .reading
        context.write(wrapOutboundOut(first), promise: nil)
        if let rest { context.write(wrapOutboundOut(rest), promise: nil) }
        context.flush()
        if isEnd { sayFarewell(context) }
    }

    /// Answers what is no request, with the last words on this connection.
    private func refuse(_ status: HTTPResponseStatus, _ context: ChannelHandlerContext) {
        shard.metrics.requestAnswered("", Int(status.code))
        state = .done
        context.writeAndFlush(wrapOutboundOut(UpgradeResponse.refusal(status, "", [:])), promise: nil)
        sayFarewell(context)
    }

    /// Lets the client read what was said last before the connection goes.
    func sayFarewell(_ context: ChannelHandlerContext) {
        state = .done
        _ = requests.takeAll()
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        // A close would lose what waits, if the client has closed its half already; this is behind all of that.
        context.writeAndFlush(wrapOutboundOut(ByteBuffer())).whenComplete { _ in bound.value.saidAll() }
    }

    private func saidAll() {
        guard let context else { return }
        hasSaidAll = true
        context.close(mode: .output, promise: nil)
        rest(context)
    }

    /// Has the request that has come read by whoever can answer it.
    private func handOn(_ context: ChannelHandlerContext) -> Bool {
        state = .done
        // A connection that is about to end begins nothing new.
        guard !isLast, !isInputClosed, (try? gateway.begin(context.channel, of: shard)) != nil else {
            context.close(promise: nil)
            return false
        }
        shard.wheel.remove(self)
        self.context = nil
        pause(false, context)
        context.fireChannelRead(wrapInboundOut(requests.takeAll()))
        context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
        return false
    }
}
