import Foundation
import Hummingbird
import Logging
import NIOPosix
package import RealtimeHTTP
import ServiceLifecycle
import UnixSignals

/// What a probe for conformance suites is told by its environment, and the server that it runs.
package struct ProbeEnvironment: Sendable {
    package let port: Int
    package let pingInterval: Duration
    package let pingTimeout: Duration
    package let maxPayload: Int
    package let connectTimeout: Duration
    private let loops: Int

    package init(_ variables: [String: String] = ProcessInfo.processInfo.environment) {
        func number(_ name: String, _ other: Int) -> Int { variables[name].flatMap(Int.init) ?? other }
        port = number("PORT", 3000)
        pingInterval = .milliseconds(number("PING_INTERVAL", 25_000))
        pingTimeout = .milliseconds(number("PING_TIMEOUT", 20_000))
        maxPayload = number("MAX_PAYLOAD", 1_000_000)
        connectTimeout = .milliseconds(number("CONNECT_TIMEOUT", 45_000))
        loops = number("LOOPS", 1)
    }

    /// Serves an endpoint until the process is told to end.
    package func serve(name: String, _ makeEndpoint: (Hub) -> any WebSocketEndpoint) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: max(1, loops))
        // Suites count in tenths of seconds.
        let hub = Hub(group: group, tick: .milliseconds(20))
        let endpoint = makeEndpoint(hub)
        let router = Router()
        endpoint.addRoutes(to: router)
        let server = GatewayServer(
            host: "127.0.0.1",
            port: port,
            settings: GatewayChannel.Settings(hub: hub, endpoints: [endpoint]),
            responder: router.buildResponder(),
            logger: Logger(label: name),
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
            logger: Logger(label: name)
        ).run()
    }
}
