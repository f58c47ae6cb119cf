package import Hummingbird
import HummingbirdCore
package import Logging
import NIOCore
import ServiceLifecycle

/// The gateway's one port: REST answered by a responder, WebSockets by their endpoints.
///
/// On graceful shutdown it stops accepting, lets requests finish, and closes WebSockets with 1012 at a paced rate; it ends
/// when the last connection has gone.
package struct GatewayServer<Responder: HTTPResponder>: Service
where Responder.Context: InitializableFromSource<ApplicationRequestContextSource> {
    private let host: String
    private let port: Int
    private let settings: GatewayChannel.Settings
    private let http: HTTP1Channel
    private let logger: Logger
    private let onRunning: @Sendable (_ port: Int) async -> Void

    /// `onRunning` is told the port, which matters when `port` is 0 and the system picks one.
    package init(
        host: String,
        port: Int,
        settings: GatewayChannel.Settings,
        responder: Responder,
        logger: Logger,
        onRunning: @escaping @Sendable (_ port: Int) async -> Void = { _ in }
    ) {
        self.host = host
        self.port = port
        self.settings = settings
        http = HTTP1Channel(responder: ResponseWriting(responder: responder, logger: logger).respond)
        self.logger = logger
        self.onRunning = onRunning
    }

    package func run() async throws {
        let (requests, accepted) = AsyncStream.makeStream(of: GatewayChannel.HTTPConnection.self)
        let open = OpenChannels()
        let channel = GatewayChannel(settings: settings, open: open, accepted: accepted, logger: logger)
        let entrance = try await Entrance(channel, host: host, port: port)
        logger.info("listening", metadata: ["net.address": "\(entrance.address)"])
        await withGracefulShutdownHandler {
            await onRunning(entrance.address.port ?? port)
            // Only requests need tasks: a WebSocket is on its own from its handshake on.
            await withTaskCancellationHandler {
                await withDiscardingTaskGroup { group in
                    for await connection in requests {
                        group.addTask { await http.handle(value: connection, logger: logger) }
                    }
                }
            } onCancel: {
                entrance.close {}
            }
            await settings.hub.untilEmpty()
        } onGracefulShutdown: {
            entrance.close {
                open.quiesce { accepted.finish() }
                settings.hub.drain()
            }
        }
        await entrance.stop()
    }
}
