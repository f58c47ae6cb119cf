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
    private var isDeciding = false
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
        while bytes.readableBytes < HeadParser.maximumBytes {
            switch SocketCalls.receive(descriptor, into: &reactor.buffer) {
            case .bytes(let isAll):
                bytes.writeImmutableBuffer(reactor.buffer)
                if isAll { return look() }
            case .nothing: return bytes.readableBytes > 0 ? look() : wait(for: .readable)
            case .end: return close()
            }
        }
        look()
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
        if slot != nil {
            reactor.change(self, to: events)
        } else if reactor.add(self, for: events) {
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
        endpoint.answer(request, on: shard.loop) { self.finish($0, request) }
        if isDeciding { wait(for: .ended) }
    }

    private func finish(_ answer: UpgradeAnswer, _ request: UpgradeRequest) {
        isDeciding = false
        guard !isGone else { return }
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
        let isKnown = slot != nil
        give(to: socket)
        if isKnown { reactor.change(socket, to: .readable) }
        let isHeard = isKnown || reactor.add(socket, for: .readable)
        socket.write(response)
        connection.opened(on: socket)
        guard isHeard else { return socket.close() }
        if bytes.readableBytes > 0 { connection.received(bytes) }
        // With what the session has said first, if it has.
        shard.flushLater(connection)
    }

    private func becomeChannel(refused refusal: UpgradeRefusal? = nil) {
        give(to: nil)
        gateway.adopt(descriptor, of: shard, bytes, refused: refusal)
    }

    // MARK: Ending

    override func gone() { shard.wheel.remove(self) }
}
