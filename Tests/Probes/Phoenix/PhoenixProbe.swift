import ArgumentParser
import Foundation
import Hummingbird
import Logging
import NIOPosix
import RealtimeHTTP
import RealtimePhoenix
import RealtimeTesting
import ServiceLifecycle
import UnixSignals

/// Serves ``ProbeChannel`` on the gateway's own Phoenix library: no broker, no store, none of the suite's topics.
@main
struct PhoenixProbe: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "phoenix-probe",
        abstract: "Hosts the channels of any tutorial, for comparing servers frame by frame.",
        discussion: """
            ws://HOST:PORT/socket/websocket?token=NAME&vsn=2.0.0, or http://HOST:PORT/socket/longpoll; the token is the user's name, and `bad` is refused.
            room:* answers echo, error, noreply, shout, shout_ack, whisper, stop and crash; room:presence* tracks;
            room:forbidden lets nobody in. The line `listening on PORT` says that it is ready.

            EXAMPLES
              phoenix-probe
              phoenix-probe --port 4100 --loops 1
            """
    )

    @Option(help: "The address to listen on.")
    var host = "127.0.0.1"

    @Option(help: "The port; 0 for any.")
    var port = 4100

    @Option(help: "How many event loops.")
    var loops = 1

    func run() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: max(1, loops))
        let hub = Hub(group: group)
        let endpoint = endpoint(hub)
        let router = Router()
        endpoint.addRoutes(to: router)
        let server = GatewayServer(
            host: host,
            port: port,
            settings: GatewayChannel.Settings(hub: hub, endpoints: [endpoint]),
            responder: router.buildResponder(),
            logger: Logger(label: "phoenix-probe"),
            onRunning: { port in
                print("listening on \(port)")
                // Whoever waits for it reads through a pipe.
                fflush(nil)
            }
        )
        let signals: [UnixSignal] = [.sigterm, .sigint]
        try await ServiceGroup(
            services: [server],
            gracefulShutdownSignals: signals,
            logger: Logger(label: "phoenix-probe")
        ).run()
    }

    private func endpoint(_ hub: Hub) -> PhoenixEndpoint {
        PhoenixEndpoint(
            application: PhoenixApplication(
                hub: hub,
                router: ProbeChannel.router(),
                presence: PresenceTracker(hub: hub)
            ),
            tokens: FakeTokens()
        )
    }
}
