package import Hummingbird
import HummingbirdCore
package import Logging
package import NIOCore
import ServiceLifecycle

/// The gateway's one port: REST answered by a responder, WebSockets by their endpoints.
///
/// On graceful shutdown it stops accepting, lets requests finish, closes WebSockets with 1012 and ends polling sessions at
/// a paced rate; it ends when the last connection has gone.
package struct GatewayServer<Responder: HTTPResponder>: Service
where Responder.Context: InitializableFromSource<ApplicationRequestContextSource> {
    private let application: Application<Responder>
    private let hub: Hub

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
        hub = settings.hub
        application = Application(
            responder: responder,
            server: HTTPServerBuilder { GatewayChannel(settings: settings, responder: $0) },
            configuration: ApplicationConfiguration(
                address: .hostname(host, port: port),
                // A herd that comes back at once must not be turned away by the kernel.
                backlog: 4096
            ),
            onServerRunning: { await onRunning($0.localAddress?.port ?? port) },
            eventLoopGroupProvider: .shared(group),
            logger: logger
        )
    }

    package func run() async throws {
        try await withGracefulShutdownHandler {
            try await application.run()
        } onGracefulShutdown: {
            hub.drain()
        }
        // It has waited for requests; WebSockets, which have no task, are still being let go.
        await hub.untilEmpty()
    }
}
