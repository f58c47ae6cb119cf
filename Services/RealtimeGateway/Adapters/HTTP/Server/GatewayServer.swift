package import Hummingbird
import HummingbirdCore
package import Logging
package import NIOCore
import NIOPosix
import ServiceLifecycle

/// The gateway's one port: REST answered by a responder, WebSockets by their endpoints.
///
/// On graceful shutdown it stops accepting, lets requests finish, and closes WebSockets with 1012 at a paced rate; it ends
/// when the last connection has gone.
package struct GatewayServer<Responder: HTTPResponder>: Service
where Responder.Context: InitializableFromSource<ApplicationRequestContextSource> {
    /// A herd that comes back at once must not be turned away by the kernel.
    private static var backlog: Int32 { 4096 }
    /// Connections that are accepted before those that are open have their turn.
    private static var acceptedAtOnce: UInt { 16 }

    private let host: String
    private let port: Int
    private let settings: GatewayChannel.Settings
    private let http: HTTP1Channel
    private let group: any EventLoopGroup
    private let logger: Logger
    private let onRunning: @Sendable (_ port: Int) async -> Void

    /// `onRunning` is told the port, which matters when `port` is 0 and the system picks one.
    package init(
        host: String,
        port: Int,
        settings: GatewayChannel.Settings,
        responder: Responder,
        group: any EventLoopGroup,
        logger: Logger,
        onRunning: @escaping @Sendable (_ port: Int) async -> Void = { _ in }
    ) {
        self.host = host
        self.port = port
        self.settings = settings
        http = HTTP1Channel(responder: ResponseWriting(responder: responder, logger: logger).respond)
        self.group = group
        self.logger = logger
        self.onRunning = onRunning
    }

    package func run() async throws {
        let (requests, accepted) = AsyncStream.makeStream(of: GatewayChannel.HTTPConnection.self)
        let open = OpenChannels()
        let channel = GatewayChannel(settings: settings, open: open, accepted: accepted, logger: logger)
        let listener = try await bind(channel)
        await withGracefulShutdownHandler {
            await onRunning(listener.localAddress?.port ?? port)
            // Only requests need tasks: a WebSocket is on its own from its handshake on.
            await withTaskCancellationHandler {
                await withDiscardingTaskGroup { group in
                    for await connection in requests {
                        group.addTask { await http.handle(value: connection, logger: logger) }
                    }
                }
            } onCancel: {
                listener.close(promise: nil)
            }
            await settings.hub.untilEmpty()
        } onGracefulShutdown: {
            listener.close().whenComplete { _ in
                open.quiesce { accepted.finish() }
                settings.hub.drain()
            }
        }
    }

    private func bind(_ channel: GatewayChannel) async throws -> any Channel {
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: Self.backlog)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.maxMessagesPerRead, value: Self.acceptedAtOnce)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { child in child.eventLoop.makeCompletedFuture { try channel.setup(child) } }
        let listener = try await bootstrap.bind(host: host, port: port).get()
        logger.info("listening", metadata: ["net.address": "\(listener.localAddress, default: "?")"])
        return listener
    }
}
