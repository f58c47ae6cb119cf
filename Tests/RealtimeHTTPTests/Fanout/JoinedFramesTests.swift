import Glibc
import NIOCore
import RealtimeTesting
import Testing

@testable import RealtimeHTTP

/// Connections with real sockets, whose other ends are read byte for byte.
@Suite(.timeLimit(.minutes(1)))
struct JoinedFramesTests {
    private final class Client: Sendable {
        let connection: WebSocketConnection
        private let socket: CInt

        init(_ connection: WebSocketConnection, _ socket: CInt) {
            self.connection = connection
            self.socket = socket
            // A test that waits for what does not come fails.
            var patience = timeval(tv_sec: 20, tv_usec: 0)
            unsafe setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        }

        deinit { close(socket) }

        /// As many bytes as `text` has, which have to be those.
        func expect(_ text: String) {
            var bytes: [UInt8] = []
            var block = [UInt8](repeating: 0, count: text.utf8.count)
            while bytes.count < text.utf8.count {
                let count = unsafe recv(socket, &block, text.utf8.count - bytes.count, 0)
                guard count > 0 else { break }
                bytes += block.prefix(count)
            }
            #expect(String(decoding: bytes, as: UTF8.self) == text)
        }
    }

    /// A topic, and those who hear of it.
    private struct Room: Sendable {
        let bench: SocketBench
        let transport: SocketBench.Transport
        let encoding = NameEncoding()

        func connect(_ limits: ConnectionLimits = ConnectionLimits()) async throws -> Client {
            let (connection, socket) = try await bench.open(limits, over: transport) { SilentSession() }
            return Client(connection, socket)
        }

        func clients(_ count: Int) async throws -> [Client] {
            var clients: [Client] = []
            for _ in 0..<count { clients.append(try await connect()) }
            return clients
        }

        func subscribe(_ client: Client) {
            _ = bench.hub.shards[0].subscribe(client.connection, to: "chat:1", encoding: encoding)
        }

        func publish(_ name: String, except client: Client? = nil) {
            let event = TopicEvent(topic: "chat:1", name: name, content: .emptyObject, except: client?.connection)
            bench.hub.publish(event)
        }

        /// Does all of it in one turn of the loop.
        func turn(_ body: @escaping @Sendable () -> Void) async throws { try await bench.loop.submit(body).get() }
    }

    private let counts = CountingMetrics()

    private func room(
        over transport: SocketBench.Transport,
        _ body: (Room) async throws -> Void
    ) async throws {
        try await SocketBench.run(metrics: GatewayMetrics(factory: counts)) { bench in
            try await body(Room(bench: bench, transport: transport))
        }
    }

    @Test(arguments: SocketBench.Transport.allCases)
    func `what comes in one turn comes in order, with what is said to one client where it was said`(
        over transport: SocketBench.Transport
    ) async throws {
        try await room(over: transport) { room in
            let clients = try await room.clients(6)
            try await room.turn {
                for client in clients.prefix(5) { room.subscribe(client) }
                room.publish("a")
                room.publish("b")
                room.publish("c")
                clients[0].connection.send(ByteBuffer(string: "-answer-"))
                room.publish("d")
                room.subscribe(clients[5])
                room.publish("e")
                room.publish("f", except: clients[1])
                room.publish("g")
            }
            try await room.turn { room.publish("h") }
            clients[0].expect("abc-answer-defgh")
            clients[1].expect("abcdegh")
            for client in clients[2...4] { client.expect("abcdefgh") }
            clients[5].expect("efgh")
            #expect(counts["realtime_deliveries.chat"] == 4 * 8 + 7 + 4)
        }
    }

    @Test(arguments: SocketBench.Transport.allCases)
    func `more than fits into one piece comes whole`(over transport: SocketBench.Transport) async throws {
        try await room(over: transport) { room in
            let clients = try await room.clients(4)
            let names = (0..<12).map { String(repeating: Character(Unicode.Scalar(97 + $0)!), count: 5000) }
            try await room.turn {
                for client in clients { room.subscribe(client) }
                for name in names { room.publish(name) }
            }
            for client in clients { client.expect(names.joined()) }
        }
    }

    @Test(arguments: SocketBench.Transport.allCases)
    func `a client that does not read gets all once it does, or is closed past its bound`(
        over transport: SocketBench.Transport
    ) async throws {
        try await room(over: transport) { room in
            let clients = try await room.clients(4)
            let bounded = try await room.connect(ConnectionLimits(outboundBytes: 50_000))
            let text = String(repeating: "x", count: 1000)
            try await room.turn { for client in clients + [bounded] { room.subscribe(client) } }
            for _ in 0..<100 {
                try await room.turn { for _ in 0..<10 { room.publish(text) } }
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
}
