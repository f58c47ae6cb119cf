import Glibc
import NIOCore
import NIOPosix

@testable import RealtimeHTTP

/// A reactor, and pairs of sockets for it.
struct SocketBench {
    let loop: any EventLoop
    let hub: Hub
    let reactor: Reactor

    static func run(_ body: (SocketBench) async throws -> Void) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let hub = Hub(group: group)
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
        let bench = NIOLoopBoundBox.makeBoxSendingValue(self, eventLoop: loop)
        return try await loop.submit { try body(bench.value) }.get()
    }

    /// Opens a connection whose session tells what it hears; returns the client's end.
    func open(_ limits: ConnectionLimits, _ listener: SessionListener) async throws -> (WebSocketConnection, CInt) {
        try await onLoop { bench in
            let (server, client) = Self.pair()
            let connection = WebSocketConnection(
                shard: bench.hub.shards[0],
                limits: limits,
                session: listener.session()
            )
            let socket = StreamSocket(
                server,
                of: bench.reactor,
                owner: connection,
                watermark: limits.outboundWatermark
            )
            guard bench.reactor.add(socket, for: .readable) else { throw ChannelError.inappropriateOperationForState }
            connection.opened(on: socket)
            return (connection, client)
        }
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
