import RealtimeTesting
import Testing

@testable import RealtimeHTTP

/// One port for requests and WebSockets, over real sockets.
@Suite(.timeLimit(.minutes(1)))
struct GatewayServerTests {
    private func serve(
        loops: Int = 1,
        limits: ConnectionLimits = ConnectionLimits(),
        _ body: (TestServer) async throws -> Void
    ) async throws {
        try await withTestServer(loops: loops, limits: limits, endpoints: { _ in [EchoEndpoint()] }, body)
    }

    private func answer(_ request: String) async throws -> String {
        var answer = ""
        try await serve { server in
            answer = try await WireClient.withConnection(port: server.port) { try await $0.request(request) }
        }
        return answer
    }

    @Test func `requests are answered, several on one connection`() async throws {
        try await serve { server in
            try await WireClient.withConnection(port: server.port) { client in
                for _ in 0..<3 {
                    let answer = try await client.request("GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n")
                    #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
                    #expect(answer.hasSuffix("\r\n\r\nhello"))
                }
            }
        }
    }

    @Test func `a WebSocket is opened as RFC 6455 section 1.3 shows`() async throws {
        let answer = try await answer(WireClient.upgrade("/echo", headers: "Sec-WebSocket-Protocol: chat\r\n"))
        #expect(answer.hasPrefix("HTTP/1.1 101 Switching Protocols\r\n"))
        #expect(answer.contains("sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"))
        #expect(answer.contains("sec-websocket-protocol: chat\r\n"))
    }

    @Test func `a frame sent together with the request is not lost`() async throws {
        try await serve { server in
            try await WireClient.withConnection(port: server.port) { client in
                try await client.send(
                    bytes: Array(WireClient.upgrade("/echo").utf8) + WireClient.frame(0x81, Array("early".utf8))
                )
                let answer = try await client.request("")
                #expect(answer.hasPrefix("HTTP/1.1 101"))
                #expect(await client.next() == .text("early"))
            }
        }
    }

    @Test(arguments: [
        ("GET /echo?refuse HTTP/1.1\r\nHost: l\r\n\r\n", "403 Forbidden", ""),
        ("POST /echo HTTP/1.1\r\nHost: l\r\nContent-Length: 0\r\n\r\n", "400 Bad Request", ""),
        ("GET /echo HTTP/1.1\r\nHost: l\r\n\r\n", "400 Bad Request", "'upgrade' header must contain 'websocket'"),
        (
            "GET /echo HTTP/1.1\r\nHost: l\r\nUpgrade: websocket\r\n\r\n", "400 Bad Request",
            "'connection' header must contain 'upgrade'"
        ),
        (
            "GET /echo HTTP/1.1\r\nHost: l\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
                + "Sec-WebSocket-Version: 8\r\n\r\n", "400 Bad Request",
            "'sec-websocket-version' header must equal '13'"
        ),
        (
            "GET /echo HTTP/1.1\r\nHost: l\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: abc\r\n\r\n", "400 Bad Request",
            "'sec-websocket-key' header must be 16 bytes in base64"
        ),
        ("nonsense\r\n\r\n", "400 Bad Request", ""),
    ])
    func `a request that cannot become a WebSocket is told why`(
        _ request: String,
        _ status: String,
        _ body: String
    ) async throws {
        let answer = try await answer(request)
        #expect(answer.hasPrefix("HTTP/1.1 \(status)\r\n"))
        #expect(answer.hasSuffix("\r\n\r\n\(body)"))
    }

    @Test func `fragments with a ping between them are one message`() async throws {
        try await serve { server in
            try await WireClient.withWebSocket(port: server.port, "/echo") { client in
                try await client.send(
                    bytes: WireClient.frame(0x01, Array("frag".utf8)) + WireClient.frame(0x89, [9])
                        + WireClient.frame(0x80, Array("ments".utf8))
                )
                #expect(await client.next() == .pong([9]))
                #expect(await client.next() == .text("fragments"))
            }
        }
    }

    @Test func `a message may have the limit and no byte more`() async throws {
        try await serve(limits: ConnectionLimits(messageBytes: 65536)) { server in
            try await WireClient.withWebSocket(port: server.port, "/echo") { client in
                let longest = String(repeating: "x", count: 65536)
                try await client.send(longest)
                #expect(await client.next() == .text(longest))
                try await client.send(longest + "x")
                #expect(await client.next() == .close(1009, "message is too large"))
            }
        }
    }

    @Test func `text that is not UTF-8 closes with 1007`() async throws {
        try await serve { server in
            try await WireClient.withWebSocket(port: server.port, "/echo") { client in
                try await client.send(bytes: WireClient.frame(0x81, [0xC3, 0x28]))
                #expect(await client.next() == .close(1007, "text is not UTF-8"))
            }
        }
    }

    @Test func `a close is answered and the connection ends`() async throws {
        try await serve { server in
            try await WireClient.withWebSocket(port: server.port, "/echo") { client in
                try await client.send(bytes: WireClient.frame(0x88, [0x03, 0xE8]))
                #expect(await client.next() == .close(1000, ""))
                #expect(await client.next() == .end)
            }
        }
    }

    @Test func `an event crosses event loops`() async throws {
        try await serve(loops: 3) { server in
            try await withClients(6, server) { clients in
                try await clients[0].send(binary: [1])
                try await clients[0].send(binary: [2])
                for client in clients {
                    #expect(await client.next() == .binary([1]))
                    #expect(await client.next() == .binary([2]))
                }
            }
        }
    }

    @Test func `a client that stops reading is closed and nobody waits for it`() async throws {
        let limits = ConnectionLimits(outboundBytes: 200_000, closing: .seconds(60), socketSendBytes: 16_384)
        try await serve(limits: limits) { server in
            try await WireClient.withWebSocket(port: server.port, "/echo?topic=t", receiveBuffer: 8192) { slow in
                try await withClients(2, server) { clients in
                    let data = [UInt8](repeating: 7, count: 60_000)
                    // Far more than the slow client's buffers and bound together; each waits for the one before.
                    for _ in 0..<100 {
                        try await clients[0].send(binary: data)
                        for client in clients { #expect(await client.next() == .binary(data)) }
                    }
                }
                var last = await slow.next()
                var count = 0
                while case .binary = last {
                    count += 1
                    last = await slow.next()
                }
                #expect(count < 100)
                #expect(last == .close(1013, "slow consumer"))
            }
        }
    }

    @Test func `events that come one by one keep their order when the kernel takes no more`() async throws {
        let limits = ConnectionLimits(outboundBytes: 8 << 20, socketSendBytes: 16_384)
        func event(_ number: Int) -> [UInt8] { [UInt8(number & 0xFF)] + [UInt8](repeating: 7, count: 9999) }
        try await serve(limits: limits) { server in
            try await WireClient.withWebSocket(port: server.port, "/echo?topic=t", receiveBuffer: 8192) { slow in
                try await withClients(1, server) { clients in
                    let client = clients[0]
                    // Half of them while the slow client reads nothing, half while it reads.
                    for number in 0..<200 {
                        try await client.send(binary: event(number))
                        #expect(await client.next() == .binary(event(number)))
                    }
                    for number in 0..<200 { #expect(await slow.next() == .binary(event(number))) }
                    for number in 200..<250 {
                        try await client.send(binary: event(number))
                        #expect(await client.next() == .binary(event(number)))
                        #expect(await slow.next() == .binary(event(number)))
                    }
                }
            }
        }
    }

    @Test func `a stop closes with 1012 after what was said before`() async throws {
        try await serve(limits: ConnectionLimits(closing: .seconds(60))) { server in
            try await withClients(20, server) { clients in
                await server.beginShutdown()
                for client in clients {
                    #expect(await client.next() == .close(1012, "service restart"))
                    try await client.send(bytes: WireClient.frame(0x88, [0x03, 0xF4]))
                    #expect(await client.next() == .end)
                }
                await server.waitUntilStopped()
            }
        }
    }

    @Test func `a stop ends when the last WebSocket has gone`() async throws {
        try await serve(limits: ConnectionLimits(closing: .milliseconds(300))) { server in
            try await withClients(20, server) { clients in
                #expect(server.hub.connectionCount == 20)
                await server.beginShutdown()
                // Nobody answers the close frames, so that each is cut off.
                await server.waitUntilStopped()
                #expect(server.hub.connectionCount == 0)
                for client in clients { #expect(await client.next() == .close(1012, "service restart")) }
            }
        }
    }

    /// Opens `count` WebSockets on one topic while `body` runs.
    private func withClients(
        _ count: Int,
        _ server: TestServer,
        _ clients: [WireClient] = [],
        _ body: ([WireClient]) async throws -> Void
    ) async throws {
        guard clients.count < count else { return try await body(clients) }
        try await WireClient.withWebSocket(port: server.port, "/echo?topic=t") { client in
            // The answer to the handshake leaves before the connection is counted.
            try await client.send(bytes: WireClient.frame(0x89, [7]))
            #expect(await client.next() == .pong([7]))
            try await withClients(count, server, clients + [client], body)
        }
    }
}
