import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1
import NIOPosix

/// Serves HTTP and WebSockets on one port: hummingbird answers requests, but for those at the path of an endpoint, and what
/// asks for a WebSocket there becomes one.
package struct GatewayChannel: Sendable {
    /// What connections need to know.
    package struct Settings: Sendable {
        package let hub: Hub
        package let endpoints: [any WebSocketEndpoint]
        package let limits: ConnectionLimits

        package init(hub: Hub, endpoints: [any WebSocketEndpoint], limits: ConnectionLimits = ConnectionLimits()) {
            self.hub = hub
            self.endpoints = endpoints
            self.limits = limits
        }
    }

    typealias HTTPConnection = NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>

    /// How long an HTTP connection may stay open between requests.
    private static let httpIdleTimeout = Duration.seconds(60)

    let settings: Settings
    private let open: OpenChannels
    private let accepted: AsyncStream<HTTPConnection>.Continuation
    private let logger: Logger

    /// - Parameters:
    ///   - open: Is told of channels until they become WebSockets.
    ///   - accepted: Gets those that ask for something else.
    init(
        settings: Settings,
        open: OpenChannels,
        accepted: AsyncStream<HTTPConnection>.Continuation,
        logger: Logger
    ) {
        self.settings = settings
        self.open = open
        self.accepted = accepted
        self.logger = logger
    }

    /// Makes a channel of a connection that has said `bytes` and is no WebSocket, or is not to be one.
    func adopt(_ descriptor: CInt, of shard: Shard, _ bytes: ByteBuffer, refused refusal: UpgradeRefusal? = nil) {
        ClientBootstrap(group: shard.loop)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try setup(channel, of: shard, refused: refusal) }
            }
            .withConnectedSocket(descriptor)
            .whenSuccess { channel in
                guard bytes.readableBytes > 0 else { return }
                channel.pipeline.fireChannelRead(bytes)
                channel.pipeline.fireChannelReadComplete()
            }
    }

    private func setup(_ channel: any Channel, of shard: Shard, refused refusal: UpgradeRefusal?) throws {
        try channel.syncOptions?.setOption(.recvAllocator, value: ReceiveBuffers())
        try channel.syncOptions?.setOption(.maxMessagesPerRead, value: 1)
        try begin(channel, of: shard, refused: refusal)
        // Nobody would tell it that the server stops.
        guard open.insert(channel) else { throw ChannelError.ioOnClosedChannel }
    }

    /// Adds what reads the first request, or one that whoever answered those before cannot answer.
    func begin(_ channel: any Channel, of shard: Shard, refused refusal: UpgradeRefusal? = nil) throws {
        try channel.pipeline.syncOperations.addHandler(UpgradeHandler(self, shard: shard, refused: refusal))
    }

    // MARK: What it becomes

    /// Adds the HTTP decoder, and what waits behind it for a first head.
    func decodeHTTP(_ channel: any Channel, for upgrade: UpgradeHandler) throws {
        try channel.pipeline.syncOperations.addHandlers(
            ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes)),
            FirstHeadHandler(self, upgrade)
        )
    }

    /// Adds what hummingbird's own channel has behind the HTTP codec, and hands the connection on.
    func becomeHTTP(_ channel: any Channel) throws {
        try channel.syncOptions?.setOption(.recvAllocator, value: AdaptiveRecvByteBufferAllocator())
        try channel.syncOptions?.setOption(.maxMessagesPerRead, value: 4)
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandlers([AbortWatcher(), HTTPResponseEncoder()], position: .first)
        try pipeline.addHandler(HTTP1ToHTTPServerCodec(secure: false))
        try pipeline.addHandler(HTTPConnectionStateHandler(idleTimeout: Self.httpIdleTimeout, logger: logger))
        let connection = try HTTPConnection(
            wrappingChannelSynchronously: channel,
            configuration: NIOAsyncChannel.Configuration(isOutboundHalfClosureEnabled: true)
        )
        channel.closeFuture.whenComplete { [open] _ in open.remove(channel) }
        accepted.yield(connection)
    }

    /// Adds the one handler that answers requests for an endpoint.
    func becomeExchange(
        with responder: any ExchangeResponder,
        at path: String,
        on channel: any Channel,
        of shard: Shard
    ) throws {
        let handler = ExchangeHandler(self, responder: responder, path: path, shard: shard)
        try channel.pipeline.syncOperations.addHandler(handler)
    }

    /// Adds the one handler that is the WebSocket.
    func becomeWebSocket(_ session: any ClientSession, on channel: any Channel, of shard: Shard) throws {
        let connection = WebSocketConnection(shard: shard, limits: settings.limits, session: session)
        let half = settings.limits.outboundWatermark / 2
        try channel.syncOptions?.setOption(
            .writeBufferWaterMark,
            value: ChannelOptions.Types.WriteBufferWaterMark(low: half, high: settings.limits.outboundWatermark)
        )
        try? channel.syncOptions?.setOption(
            .socketOption(.so_sndbuf),
            value: SocketOptionValue(settings.limits.socketSendBytes)
        )
        open.remove(channel)
        try channel.pipeline.syncOperations.addHandler(connection, name: "websocket")
    }

    /// The connection was refused, or went before it became anything else.
    func ended(_ channel: any Channel) { open.remove(channel) }
}
