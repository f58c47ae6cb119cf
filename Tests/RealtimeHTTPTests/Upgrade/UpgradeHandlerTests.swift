import NIOCore
import RealtimeTesting
import Testing

@testable import RealtimeHTTP

/// What a connection begins with, over real sockets.
@Suite(.timeLimit(.minutes(1)))
struct UpgradeHandlerTests {
    /// Decides when it is told to.
    private struct Slow: WebSocketEndpoint {
        let path = "/slow"
        let asked: AsyncStream<Void>.Continuation
        let gate: AsyncStream<Void>

        func answer(_ request: UpgradeRequest) async -> UpgradeAnswer {
            asked.yield()
            for await _ in gate { break }
            return .accept { EchoSession(hub: $0, topic: nil) }
        }
    }

    private func serve(_ endpoints: [any WebSocketEndpoint], _ body: (TestServer) async throws -> Void) async throws {
        try await withTestServer(endpoints: { _ in endpoints }, body)
    }

    private func answer(_ request: String) async throws -> String {
        var answer = ""
        try await serve([EchoEndpoint()]) { server in
            answer = try await WireClient.withConnection(port: server.port) { try await $0.request(request) }
        }
        return answer
    }

    // MARK: Heads

    @Test func `a request cut anywhere is answered, with the frame behind it`() async throws {
        let request = Array(WireClient.upgrade("/echo").utf8) + WireClient.frame(0x81, Array("early".utf8))
        try await serve([EchoEndpoint()]) { server in
            for cut in stride(from: 1, to: request.count, by: 7) {
                try await WireClient.withConnection(port: server.port) { client in
                    try await client.send(bytes: Array(request[..<cut]))
                    try await client.send(bytes: Array(request[cut...]))
                    #expect(try await client.request("").hasPrefix("HTTP/1.1 101 "))
                    #expect(await client.next() == .text("early"))
                }
            }
        }
    }

    @Test func `an empty line before the request means nothing`() async throws {
        #expect(try await answer("\r\n" + WireClient.upgrade("/echo")).hasPrefix("HTTP/1.1 101 "))
    }

    @Test(arguments: [
        ("GET /echo HTTP/1.1\r\nHost : l\r\n\r\n", "400 Bad Request"), ("GET /echo HTTP/1.1\n", "400 Bad Request"),
        ("GET /echo HTTP/1.0\r\n\r\n", "400 Bad Request"), ("GET /echo HTTP/1.1\r\n\r\n", "400 Bad Request"),
        ("GET /echo HTTP/1.1\r\nHost: l\r\nContent-Length: 2\r\n\r\nab", "400 Bad Request"),
        ("GET /echo?refuse HTTP/1.1\r\nHost: l\r\n\r\n", "403 Forbidden"),
        (
            "GET /echo?" + String(repeating: "x", count: 17_000) + " HTTP/1.1\r\n",
            "431 Request Header Fields Too Large"
        ),
        ("GET /hello HTTP/1.1\r\nHost : l\r\n\r\n", "400 Bad Request"),
        (String(repeating: "\r\n", count: 9), "400 Bad Request"),
    ])
    func `a refusal is a whole response, and the last`(_ request: String, _ status: String) async throws {
        #expect(
            try await answer(request) == "HTTP/1.1 \(status)\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
        )
    }

    // MARK: HTTP

    @Test func `a request for the router is answered wherever it is cut`() async throws {
        let request = Array("GET /hello HTTP/1.1\r\nHost: l\r\n\r\n".utf8)
        try await serve([EchoEndpoint()]) { server in
            for cut in 1..<request.count {
                try await WireClient.withConnection(port: server.port) { client in
                    try await client.send(bytes: Array(request[..<cut]))
                    try await client.send(bytes: Array(request[cut...]))
                    #expect(try await client.request("").hasSuffix("\r\n\r\nhello"))
                }
            }
        }
    }

    // MARK: Waiting

    @Test func `what comes before the answer waits for it, however much it is`() async throws {
        let (questions, asked) = AsyncStream.makeStream(of: Void.self)
        let (gate, opening) = AsyncStream.makeStream(of: Void.self)
        try await serve([Slow(asked: asked, gate: gate)]) { server in
            try await WireClient.withConnection(port: server.port) { client in
                try await client.send(bytes: Array(WireClient.upgrade("/slow").utf8))
                for await _ in questions { break }
                let long = String(repeating: "x", count: 60_000)
                try await client.send(bytes: WireClient.frame(0x81, Array(long.utf8)))
                try await client.send(bytes: WireClient.frame(0x81, Array("last".utf8)))
                opening.yield()
                #expect(try await client.request("").hasPrefix("HTTP/1.1 101 "))
                #expect(await client.next() == .text(long))
                #expect(await client.next() == .text("last"))
            }
        }
    }
}
