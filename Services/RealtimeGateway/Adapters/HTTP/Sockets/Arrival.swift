import Glibc
import NIOCore

/// A client that has connected: becomes a WebSocket at once if that is what it asks for, and a channel for anything else.
///
/// Most of those who come are WebSockets, and say so in one piece; for them no channel is ever made.
final class Arrival: Pollable, TimerWheelMember {
    private let gateway: GatewayChannel
    private let shard: Shard
    private let address: SocketAddress?
    /// What has come.
    private var bytes = ByteBuffer()
    /// Whether the reactor waits for it.
    private var isWaiting = false
    private var isDeciding = false
    /// Whether somebody else has the socket, or nobody.
    private var isOver = false
    private var deadline = NIODeadline.distantFuture
    var timerPosition: TimerWheel.Position?

    init(
        _ descriptor: CInt,
        from address: SocketAddress?,
        at gateway: GatewayChannel,
        of shard: Shard,
        _ reactor: Reactor
    ) {
        self.gateway = gateway
        self.shard = shard
        self.address = address
        super.init(descriptor, of: reactor)
    }

    // MARK: Reading

    /// Looks at what it has said so far.
    func begin() { read() }

    override func ready(_ events: Events) {
        // While an answer is waited for, it is only heard when the client has gone.
        if isDeciding || gateway.settings.hub.isDraining { close() } else { read() }
    }

    private func read() {
        switch SocketCalls.receive(descriptor, into: &reactor.buffer) {
        case .bytes:
            bytes.writeImmutableBuffer(reactor.buffer)
            look()
        case .nothing: wait(for: .readable)
        case .end: close()
        }
    }

    private func look() {
        guard case .endpoint(let endpoint) = UpgradeTarget(bytes, among: gateway.settings.endpoints),
            let request = request(at: endpoint.path)
        else { return becomeChannel() }
        decide(request, endpoint)
    }

    /// The request if it is there wholly and asks for a WebSocket in the way it should.
    private func request(at path: String) -> UpgradeRequest? {
        var parser = HeadParser()
        guard let head = try? parser.read(bytes), head.asksForWebSocket, head.isVersion11, head.isPlainGET else {
            return nil
        }
        let request = UpgradeRequest(head, path: path, remoteAddress: address)
        guard WebSocketHandshake.fault(request) == nil else { return nil }
        bytes.moveReaderIndex(forwardBy: head.length)
        return request
    }

    // MARK: Waiting

    private func wait(for events: Events) {
        if isWaiting {
            reactor.change(self, to: events)
        } else if reactor.add(self, for: events) {
            isWaiting = true
            deadline = .now() + UpgradeHandler.patience
            shard.watch(self, until: deadline)
        } else {
            close()
        }
    }

    var client: (any ClientConnection)? { nil }

    func deadlinePassed(_ now: NIODeadline) -> NIODeadline? {
        if now < deadline { return deadline }
        close()
        return nil
    }

    // MARK: Deciding

    private func decide(_ request: UpgradeRequest, _ endpoint: any WebSocketEndpoint) {
        isDeciding = true
        let bound = NIOLoopBound(self, eventLoop: shard.loop)
        let loop = shard.loop
        // Starts here and now, and mostly ends there: an answer that waits for nothing costs no switch of threads.
        Task.immediate {
            let answer = await endpoint.answer(request)
            if loop.inEventLoop {
                bound.value.finish(answer, request)
            } else {
                loop.execute { bound.value.finish(answer, request) }
            }
        }
        if isDeciding, !isOver { wait(for: .ended) }
    }

    private func finish(_ answer: UpgradeAnswer, _ request: UpgradeRequest) {
        isDeciding = false
        guard !isOver else { return }
        // Those who are let go have been told; this one would not be.
        guard !gateway.settings.hub.isDraining else { return close() }
        switch answer {
        case .accept(let subprotocol, let makeSession):
            let key = WebSocketHandshake.accept(request.headers.first(name: "sec-websocket-key") ?? "")
            becomeWebSocket(
                makeSession(gateway.settings.hub),
                UpgradeResponse.switching(accept: key, subprotocol: subprotocol)
            )
        case .refuse(let status, let body, let headers):
            bytes = ByteBuffer()
            becomeChannel(refused: UpgradeRefusal(status: status, body: body, headers: headers))
        }
    }

    // MARK: What it becomes

    private func becomeWebSocket(_ session: any ClientSession, _ response: ByteBuffer) {
        let limits = gateway.settings.limits
        let connection = WebSocketConnection(shard: shard, limits: limits, session: session)
        let socket = StreamSocket(descriptor, of: reactor, owner: connection, watermark: limits.outboundWatermark)
        try? SocketCalls.set(SO_SNDBUF, CInt(limits.socketSendBytes), SOL_SOCKET, on: descriptor)
        leave()
        if isWaiting {
            reactor.replace(self, by: socket)
            reactor.change(socket, to: .readable)
        } else if !reactor.add(socket, for: .readable) {
            session.closed()
            return super.close()
        }
        socket.write(response)
        connection.opened(on: socket)
        if bytes.readableBytes > 0 { connection.received(bytes) }
        // With what the session has said first, if it has.
        shard.flushLater(connection)
    }

    private func becomeChannel(refused refusal: UpgradeRefusal? = nil) {
        leave()
        if isWaiting { reactor.remove(self, isClosing: false) }
        gateway.adopt(descriptor, of: shard, bytes, refused: refusal)
    }

    // MARK: Ending

    private func leave() {
        isOver = true
        shard.wheel.remove(self)
    }

    override func close() {
        guard !isOver else { return }
        leave()
        super.close()
    }
}
