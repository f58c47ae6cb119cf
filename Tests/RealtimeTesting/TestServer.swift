import Hummingbird
import Logging
import NIOCore
import NIOPosix
import RealtimeDomain
package import RealtimeHTTP
import ServiceLifecycle

/// Serves endpoints on a free port of the loopback interface while a body runs.
///
/// The body also gets the trigger of the server's graceful shutdown.
package func withTestServer<Result: Sendable>(
    loops: Int = 1,
    limits: ConnectionLimits = ConnectionLimits(),
    drainTime: Duration = .milliseconds(100),
    connectionsPerUser: Int = 0,
    tick: Duration = .seconds(1),
    recovery: RecoveryLog = RecoveryLog(),
    metrics: GatewayMetrics = GatewayMetrics(),
    endpoints: (Hub) -> [any WebSocketEndpoint],
    _ body: (_ server: TestServer) async throws -> Result
) async throws -> Result {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: loops)
    let hub = Hub(
        group: group,
        drainTime: drainTime,
        connectionsPerUser: connectionsPerUser,
        tick: tick,
        recovery: recovery,
        metrics: metrics
    )
    let (ports, running) = AsyncStream.makeStream(of: Int.self)
    let router = Router()
    router.get("/hello") { _, _ in "hello" }
    let endpoints = endpoints(hub)
    for endpoint in endpoints { endpoint.addRoutes(to: router) }
    let gateway = GatewayServer(
        host: "127.0.0.1",
        port: 0,
        settings: GatewayChannel.Settings(hub: hub, endpoints: endpoints, limits: limits),
        responder: router.buildResponder(),
        logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
        onRunning: { running.yield($0) }
    )
    let services = ServiceGroup(
        configuration: ServiceGroupConfiguration(
            services: [gateway],
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        )
    )
    let serving = Task { try await services.run() }
    var iterator = ports.makeAsyncIterator()
    guard let port = await iterator.next() else { throw CancellationError() }
    let server = TestServer(port: port, hub: hub, services: services, serving: serving)
    let result = await Swift.Result { try await body(server) }
    await services.triggerGracefulShutdown()
    try? await serving.value
    try await group.shutdownGracefully()
    return try result.get()
}

extension Result where Failure == any Error {
    init(_ body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}

/// A server under test.
package struct TestServer: Sendable {
    package let port: Int
    package let hub: Hub
    let services: ServiceGroup
    let serving: Task<Void, any Error>

    /// Tells the server to stop, as SIGTERM does.
    package func beginShutdown() async {
        await services.triggerGracefulShutdown()
    }

    /// Waits until the server has stopped.
    package func waitUntilStopped() async {
        try? await serving.value
    }
}
