import Glibc
import NIOCore
import NIOEmbedded
import NIOPosix
import RealtimeDomain
import RealtimeTesting
import Testing

@testable import RealtimeHTTP

struct FrameRunTests {
    private func run(_ texts: String...) -> FrameRun {
        let run = FrameRun()
        for text in texts { #expect(run.append(ByteBuffer(string: text))) }
        return run
    }

    @Test func `some of the frames are had in one piece`() {
        let run = run("a", "bc", "d")
        #expect(run.bytes(of: 0..<3) == ByteBuffer(string: "abcd"))
        #expect(run.bytes(of: 1..<3) == ByteBuffer(string: "bcd"))
        #expect(run.bytes(of: 2..<3) == ByteBuffer(string: "d"))
    }

    @Test func `what was joined before is not what comes after`() {
        let run = run("a", "b")
        #expect(run.bytes(of: 0..<2) == ByteBuffer(string: "ab"))
        #expect(run.append(ByteBuffer(string: "c")))
        #expect(run.bytes(of: 0..<3) == ByteBuffer(string: "abc"))
    }

    @Test func `it takes so many bytes and no more`() {
        let run = run("a")
        #expect(run.append(ByteBuffer(repeating: 1, count: 32_767)))
        #expect(!run.append(ByteBuffer(repeating: 1, count: 1)))
        #expect(run.count == 2)
    }
}

/// Connections with real sockets, whose other ends are read byte for byte.
struct JoinedFramesTests {
    private final class Silent: ClientSession {
        func opened(_ connection: any ClientConnection) {}
        func received(_ message: ClientMessage) {}
        func closed() {}
    }

    /// An event's frame is its name.
    private final class Encoding: EventEncoding {
        func frame(_ event: TopicEvent) -> ByteBuffer? { ByteBuffer(string: event.name) }
    }

    private final class Client: Sendable {
        let connection: WebSocketConnection
        private let socket: CInt

        init(_ connection: WebSocketConnection, _ socket: CInt) {
            self.connection = connection
            self.socket = socket
        }

        deinit { close(socket) }

        /// As many bytes as `text` has, which have to be those.
        func expect(_ text: String) {
            var bytes: [UInt8] = []
            var block = [UInt8](repeating: 0, count: text.utf8.count)
            while bytes.count < text.utf8.count {
                let count = recv(socket, &block, text.utf8.count - bytes.count, 0)
                guard count > 0 else { break }
                bytes += block.prefix(count)
            }
            #expect(String(decoding: bytes, as: UTF8.self) == text)
        }
    }

    private let counts = CountingMetrics()
    private let hub: Hub
    private let shard: Shard
    private let encoding = Encoding()

    init() {
        let group = MultiThreadedEventLoopGroup.singleton
        hub = Hub(group: group, metrics: GatewayMetrics(factory: counts))
        shard = hub.shard(of: group.next())
    }

    private func connect(_ limits: ConnectionLimits = ConnectionLimits()) async throws -> Client {
        var ends: [CInt] = [0, 0]
        try #require(socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0, &ends) == 0)
        // A test that waits for what does not come fails.
        var patience = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(ends[1], SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        let connection = WebSocketConnection(shard: shard, limits: limits, session: Silent())
        _ = try await ClientBootstrap(group: shard.loop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(connection) }
            }
            .withConnectedSocket(ends[0]).get()
        return Client(connection, ends[1])
    }

    private func clients(_ count: Int) async throws -> [Client] {
        var clients: [Client] = []
        for _ in 0..<count { clients.append(try await connect()) }
        return clients
    }

    private func subscribe(_ client: Client) {
        _ = shard.subscribe(client.connection, to: "chat:1", encoding: encoding)
    }

    private func publish(_ name: String, except client: Client? = nil) {
        hub.publish(TopicEvent(topic: "chat:1", name: name, content: .emptyObject, except: client?.connection))
    }

    /// Does all of it in one turn of the loop.
    private func turn(_ body: @escaping @Sendable () -> Void) async throws { try await shard.loop.submit(body).get() }

    @Test func `what comes in one turn comes in order, with what is said to one client where it was said`() async throws
    {
        let clients = try await clients(6)
        try await turn {
            for client in clients.prefix(5) { subscribe(client) }
            publish("a")
            publish("b")
            publish("c")
            clients[0].connection.send(ByteBuffer(string: "-answer-"))
            publish("d")
            subscribe(clients[5])
            publish("e")
            publish("f", except: clients[1])
            publish("g")
        }
        try await turn { publish("h") }
        clients[0].expect("abc-answer-defgh")
        clients[1].expect("abcdegh")
        for client in clients[2...4] { client.expect("abcdefgh") }
        clients[5].expect("efgh")
        #expect(counts["realtime_deliveries.chat"] == 4 * 8 + 7 + 4)
    }

    @Test func `more than fits into one piece comes whole`() async throws {
        let clients = try await clients(4)
        let names = (0..<12).map { String(repeating: Character(Unicode.Scalar(97 + $0)!), count: 5000) }
        try await turn {
            for client in clients { subscribe(client) }
            for name in names { publish(name) }
        }
        for client in clients { client.expect(names.joined()) }
    }

    @Test func `a client that does not read gets all once it does, or is closed past its bound`() async throws {
        let clients = try await clients(4)
        let bounded = try await connect(ConnectionLimits(outboundBytes: 50_000))
        let text = String(repeating: "x", count: 1000)
        try await turn { for client in clients + [bounded] { subscribe(client) } }
        for _ in 0..<100 {
            try await turn { for _ in 0..<10 { publish(text) } }
        }
        for client in clients { client.expect(String(repeating: text, count: 1000)) }
        let read = counts["realtime_deliveries.chat"]
        #expect(read >= 4000 && read < 5000)
        #expect(
            counts["realtime_deliveries_due.chat"] == read + counts["realtime_dropped.chat.slow_consumer"]
                + counts["realtime_dropped.chat.closing"]
        )
    }
}

/// What comes while a turn is flushed.
struct TurnEndTests {
    /// Has something more to send whenever it is flushed for the first time.
    private final class Refilling: ClientConnection, @unchecked Sendable {
        let shard: Shard
        var flushes = 0
        var timerPosition: TimerWheel.Position?
        let user: Identity? = nil
        let waitingBytes = 0

        init(_ shard: Shard) {
            self.shard = shard
        }

        func deliver(
            _ frame: ByteBuffer,
            in run: FrameRun?,
            _ policy: DeliveryPolicy,
            _ counters: DeliveryCounters
        ) -> Bool {
            shard.flushLater(self)
            return true
        }

        func flush() {
            flushes += 1
            if flushes == 1 { shard.flushLater(self) }
        }

        func send(_ frame: ByteBuffer) {}
        func close(_ code: CloseCode, _ reason: String) {}
        func expire(at deadline: NIODeadline?) {}
        func pauseReading() {}
        func resumeReading() {}
        func handOver(to session: any ClientSession) {}
        func deadlineChanged() {}
        func expel(from topic: String, _ expulsion: Expulsion) {}
        func deadlinePassed(_ now: NIODeadline) -> NIODeadline? { nil }
    }

    private final class Encoding: EventEncoding {
        func frame(_ event: TopicEvent) -> ByteBuffer? { ByteBuffer(string: event.name) }
    }

    @Test func `what a flush brings is flushed, too`() {
        let loop = EmbeddedEventLoop()
        let hub = Hub(group: loop)
        let shard = hub.shard(of: loop)
        let connection = Refilling(shard)
        _ = shard.subscribe(connection, to: "chat:1", encoding: Encoding())
        for name in ["a", "b"] { hub.publish(TopicEvent(topic: "chat:1", name: name, content: .emptyObject)) }
        loop.run()
        // One for each event, and one for what the first flush brought.
        #expect(connection.flushes == 3)
    }
}
