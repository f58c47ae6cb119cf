package import HummingbirdCore
package import Logging
package import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1

/// Serves HTTP and WebSockets on one port: hummingbird answers requests, and what asks for a WebSocket endpoint becomes one.
package struct GatewayChannel: ServerChildChannel {
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

    /// A connection that has been accepted and has not said yet what it wants.
    package struct Value: ServerChildChannelValue {
        package let channel: any Channel
        let negotiated: EventLoopFuture<Negotiated>
    }

    typealias HTTPPipeline = (any Channel) throws -> NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>

    /// How long an HTTP connection may stay open between requests.
    private static let httpIdleTimeout = Duration.seconds(60)

    private let settings: Settings
    private let http: HTTP1Channel

    package init(settings: Settings, responder: @escaping HTTPChannelHandler.Responder) {
        self.settings = settings
        http = HTTP1Channel(responder: responder)
    }

    package func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            let negotiated = channel.eventLoop.makePromise(of: Negotiated.self)
            let upgrade = UpgradeHandler(
                settings: settings,
                httpPipeline: { try Self.addHTTPHandlers(to: $0, logger: logger) },
                negotiated: negotiated
            )
            try channel.syncOptions?.setOption(.recvAllocator, value: ReceiveBuffers())
            try channel.syncOptions?.setOption(.maxMessagesPerRead, value: 1)
            let pipeline = channel.pipeline.syncOperations
            try pipeline.addHandlers(
                HTTPResponseEncoder(),
                // Bytes behind the request belong to the WebSocket that it may become.
                ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .forwardBytes)),
                upgrade
            )
            return Value(channel: channel, negotiated: negotiated.futureResult)
        }
    }

    /// Adds what hummingbird's own channel has behind the HTTP codec.
    private static func addHTTPHandlers(
        to channel: any Channel,
        logger: Logger
    ) throws -> NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart> {
        try channel.syncOptions?.setOption(.recvAllocator, value: AdaptiveRecvByteBufferAllocator())
        try channel.syncOptions?.setOption(.maxMessagesPerRead, value: 4)
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(HTTP1ToHTTPServerCodec(secure: false))
        try pipeline.addHandler(HTTPConnectionStateHandler(idleTimeout: httpIdleTimeout, logger: logger))
        return try NIOAsyncChannel(
            wrappingChannelSynchronously: channel,
            configuration: NIOAsyncChannel.Configuration(isOutboundHalfClosureEnabled: true)
        )
    }

    /// Answers the requests of an HTTP connection; a WebSocket needs no task and is on its own from here.
    package func handle(value: Value, logger: Logger) async {
        guard case .http(let channel) = try? await value.negotiated.get() else { return }
        await http.handle(value: channel, logger: logger)
    }
}

extension GatewayChannel.Settings {
    /// Leaves nothing of HTTP in the channel, and one handler that is the WebSocket.
    func openWebSocket(
        _ session: any ClientSession,
        on channel: any Channel,
        replacing upgrade: UpgradeHandler
    ) throws {
        let connection = WebSocketConnection(shard: hub.shard(of: channel.eventLoop), limits: limits, session: session)
        let half = limits.outboundWatermark / 2
        try channel.syncOptions?.setOption(
            .writeBufferWaterMark,
            value: ChannelOptions.Types.WriteBufferWaterMark(low: half, high: limits.outboundWatermark)
        )
        try? channel.syncOptions?.setOption(
            .socketOption(.so_sndbuf),
            value: SocketOptionValue(limits.socketSendBytes)
        )
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(connection)
        pipeline.removeHandler(upgrade, promise: nil)
        pipeline.removeHandler(try pipeline.handler(type: HTTPResponseEncoder.self), promise: nil)
        // Last, because it hands on what it has already read.
        let decoder = try pipeline.context(handlerType: ByteToMessageHandler<HTTPRequestDecoder>.self)
        pipeline.removeHandler(context: decoder, promise: nil)
    }
}
