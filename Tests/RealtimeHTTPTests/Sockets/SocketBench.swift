import Glibc
import NIOCore
import NIOPosix

@testable import RealtimeHTTP

/// A reactor, and pairs of sockets for it.
struct SocketBench: Sendable {
    let loop: any EventLoop
    let hub: Hub
    let reactor: Reactor

    static func run(
        metrics: GatewayMetrics = GatewayMetrics(),
        _ body: (SocketBench) async throws -> Void
    ) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let hub = Hub(group: group, metrics: metrics)
        let bench = SocketBench(loop: group.next(), hub: hub, reactor: try Reactor(loop: group.next()))
        let result: Swift.Result<Void, any Error>
        do { result = .success(try await body(bench)) } catch { result = .failure(error) }
        await bench.reactor.stop()
        try await group.shutdownGracefully()
        try result.get()
    }

    /// A server's socket, which does not block, and its client's, which does.
    static func pair() -> (server: CInt, client: CInt) {
        var ends: [CInt] = [-1, -1]
        _ = unsafe socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0, &ends)
        _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
        return (ends[0], ends[1])
    }

    /// Runs `body` on the event loop.
    func onLoop<Result: Sendable>(_ body: @escaping @Sendable (SocketBench) throws -> Result) async throws -> Result {
        try await loop.submit { try body(self) }.get()
    }

    /// How many connections are left when the loop has done what it is doing: a session hears of its end before others do.
    func connectionCount() async throws -> Int {
        try await onLoop { bench in bench.hub.connectionCount }
    }

    /// What carries a connection.
    enum Transport: CaseIterable {
        case socket
        case channel
    }

    /// Opens a connection; returns the client's end, too.
    func open(
        _ limits: ConnectionLimits = ConnectionLimits(),
        over transport: Transport = .socket,
        _ makeSession: @escaping @Sendable () -> any ClientSession
    ) async throws -> (WebSocketConnection, CInt) {
        try await onLoop { bench in
            let (server, client) = Self.pair()
            let connection = WebSocketConnection(shard: bench.hub.shards[0], limits: limits, session: makeSession())
            switch transport {
            case .socket: try bench.carry(connection, server, limits.outboundWatermark)
            case .channel: bench.adopt(connection, server)
            }
            return (connection, client)
        }
    }

    private func carry(_ connection: WebSocketConnection, _ descriptor: CInt, _ watermark: Int) throws {
        let socket = StreamSocket(descriptor, of: reactor, owner: connection, watermark: watermark)
        guard reactor.add(socket, for: .readable) else { throw ChannelError.inappropriateOperationForState }
        connection.opened(on: socket)
    }

    private func adopt(_ connection: WebSocketConnection, _ descriptor: CInt) {
        _ = ClientBootstrap(group: loop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(connection) }
            }
            .withConnectedSocket(descriptor)
    }
}

/// Tells what a session hears.
struct SessionListener: Sendable {
    enum Heard: Sendable, Equatable {
        case text(String)
        case closed
    }

    private final class Session: ClientSession {
        private let told: AsyncStream<Heard>.Continuation

        init(_ told: AsyncStream<Heard>.Continuation) { self.told = told }

        func opened(_ connection: any ClientConnection) {}
        func received(_ message: ClientMessage) {
            if case .text(let text) = message { told.yield(.text(String(buffer: text))) }
        }
        func closed() { told.yield(.closed) }
    }

    private let stream = AsyncStream.makeStream(of: Heard.self)

    func session() -> any ClientSession { Session(stream.continuation) }

    func next() async -> Heard? {
        for await heard in stream.stream { return heard }
        return nil
    }
}
