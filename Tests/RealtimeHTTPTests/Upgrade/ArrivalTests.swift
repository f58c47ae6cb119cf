import NIOEmbedded
import RealtimeTesting
import Testing

@testable import RealtimeHTTP

/// How connections begin, over real sockets.
@Suite(.timeLimit(.minutes(1)))
struct ArrivalTests {
    /// Decides when it is told to.
    private struct Thinker {
        private let asked = AsyncStream.makeStream(of: Void.self)
        private let decided = AsyncStream.makeStream(of: Void.self)

        var endpoint: EchoEndpoint {
            EchoEndpoint { [asked, decided] in
                asked.continuation.yield()
                for await _ in decided.stream { break }
            }
        }

        func untilAsked() async { for await _ in asked.stream { break } }

        func decide() { decided.continuation.yield() }
    }

    private func serve(
        _ endpoint: EchoEndpoint,
        loops: Int = 1,
        _ body: (TestServer) async throws -> Void
    ) async throws {
        try await withTestServer(loops: loops, endpoints: { _ in [endpoint] }, body)
    }

    private static let hello = WireClient.frame(0x81, Array("hello".utf8))

    @Test(arguments: [1, 20, 100])
    func `a request that comes in two pieces becomes a WebSocket, too`(_ length: Int) async throws {
        try await serve(EchoEndpoint()) { server in
            try await WireClient.withConnection(port: server.port) { client in
                let request = Array(WireClient.upgrade("/echo").utf8)
                try await client.send(bytes: Array(request.prefix(length)))
                // Whatever comes on another connection comes later.
                try await WireClient.withWebSocket(port: server.port, "/echo") { _ in }
                try await client.send(bytes: request.dropFirst(length) + Self.hello)
                #expect(try await client.request("").hasPrefix("HTTP/1.1 101"))
                #expect(await client.next() == .text("hello"))
            }
        }
    }

    @Test(arguments: [1, 3])
    func `an answer may take its time, while others come and go`(_ loops: Int) async throws {
        let thinker = Thinker()
        try await serve(thinker.endpoint, loops: loops) { server in
            try await WireClient.withConnection(port: server.port) { client in
                try await client.send(bytes: Array(WireClient.upgrade("/echo?think").utf8) + Self.hello)
                await thinker.untilAsked()
                try await WireClient.withWebSocket(port: server.port, "/echo") { other in
                    try await other.send("x")
                    #expect(await other.next() == .text("x"))
                }
                thinker.decide()
                #expect(try await client.request("").hasPrefix("HTTP/1.1 101"))
                #expect(await client.next() == .text("hello"))
            }
        }
    }

    @Test func `who goes while it is decided about never was here`() async throws {
        let thinker = Thinker()
        try await serve(thinker.endpoint) { server in
            try await WireClient.withConnection(port: server.port) { client in
                try await client.send(bytes: Array(WireClient.upgrade("/echo?think").utf8))
                await thinker.untilAsked()
            }
            thinker.decide()
            try await WireClient.withWebSocket(port: server.port, "/echo") { client in
                try await client.send("x")
                #expect(await client.next() == .text("x"))
                #expect(server.hub.connectionCount == 1)
            }
        }
    }

    @Test func `nobody comes in who was not decided about before the node went`() async throws {
        let thinker = Thinker()
        try await serve(thinker.endpoint) { server in
            try await WireClient.withConnection(port: server.port) { client in
                try await client.send(bytes: Array(WireClient.upgrade("/echo?think").utf8))
                await thinker.untilAsked()
                await server.beginShutdown()
                await server.waitUntilStopped()
                thinker.decide()
                #expect(await client.response() == "")
            }
        }
    }

    @Test func `a channel that comes when the node goes is not let in`() {
        let open = OpenChannels()
        let early = EmbeddedChannel()
        #expect(open.insert(early))
        open.quiesce {}
        #expect(!open.insert(EmbeddedChannel()))
        open.remove(early)
    }
}
