import Foundation
import NIOCore
import RealtimeTesting
import Synchronization
import Testing

@testable import RealtimeHTTP

/// Requests that are answered on the event loop, over real sockets.
@Suite(.timeLimit(.minutes(1)))
struct ExchangeHandlerTests {
    /// Serves a responder whose answers come from another loop than that of most connections.
    private func serve(
        metrics: GatewayMetrics = GatewayMetrics(),
        _ body: (TestServer, EchoResponder) async throws -> Void
    ) async throws {
        let made = Mutex<EchoResponder?>(nil)
        try await withTestServer(
            loops: 2,
            metrics: metrics,
            endpoints: { hub in
                let responder = EchoResponder(hub.nextShard().loop)
                made.withLock { $0 = responder }
                return [EchoEndpoint(), responder]
            },
            { try await body($0, try #require(made.withLock { $0 })) }
        )
    }

    private func get(_ query: String, _ headers: String = "") -> String {
        "GET /shared/?\(query) HTTP/1.1\r\nHost: l\r\n\(headers)\r\n"
    }

    private func post(_ body: String, query: String = "") -> String {
        "POST /shared/?\(query) HTTP/1.1\r\nHost: l\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    /// Sends requests at once; returns the bodies of as many answers.
    private func bodies(_ client: WireClient, _ requests: String, _ count: Int) async throws -> [String] {
        if !requests.isEmpty { try await client.send(bytes: Array(requests.utf8)) }
        var bodies: [String] = []
        for _ in 0..<count { bodies.append(WireReply(text: await client.response()).body) }
        return bodies
    }

    private func expect(
        _ client: WireClient,
        _ requests: String,
        _ expected: [String],
        at location: SourceLocation = #_sourceLocation
    ) async throws {
        let answered = try await bodies(client, requests, expected.count)
        #expect(answered == expected, sourceLocation: location)
    }

    // MARK: One after another

    @Test func `many requests are answered over one connection`() async throws {
        try await serve { server, _ in
            try await WireClient.withConnection(port: server.port) { client in
                for number in 0..<200 {
                    try await expect(client, get("q=\(number)"), ["GET \(number)"])
                    try await expect(client, post("b\(number)"), ["b\(number)"])
                }
            }
        }
    }

    @Test func `requests that come at once are answered in their order`() async throws {
        try await serve { server, _ in
            try await WireClient.withConnection(port: server.port) { client in
                let requests = (0..<300).map { $0 % 3 == 0 ? post("\($0)") : get("q=\($0)") }.joined(separator: "\r\n")
                let expected = (0..<300).map { $0 % 3 == 0 ? "\($0)" : "GET \($0)" }
                try await expect(client, requests, expected)
            }
        }
    }

    @Test func `what comes while a request waits is answered after it`() async throws {
        try await serve { server, responder in
            try await WireClient.withConnection(port: server.port) { client in
                try await client.send(bytes: Array((get("wait") + get("wait") + post("a") + get("q=1")).utf8))
                for text in ["first", "second"] {
                    await responder.untilWaiting()
                    responder.release(text)
                    #expect(WireReply(text: await client.response()).body == text)
                }
                try await expect(client, "", ["a", "GET 1"])
            }
        }
    }

    @Test func `a client that takes no answers is not asked for more, and has them all later`() async throws {
        try await serve { server, _ in
            try await WireClient.withConnection(port: server.port, receiveBuffer: 8192) { client in
                let requests = String(repeating: get("large"), count: 200)
                let isWhole = try await bodies(client, requests, 200).allSatisfy { $0.utf8.count == 100_000 }
                #expect(isWhole)
            }
        }
    }

    @Test func `requests are answered however the network cuts them`() async throws {
        let bytes = Array((post("hello") + get("q=1")).utf8)
        try await serve { server, _ in
            for cut in 1..<bytes.count {
                try await WireClient.withConnection(port: server.port) { client in
                    try await client.send(bytes: Array(bytes[..<cut]))
                    try await expect(client, String(decoding: bytes[cut...], as: UTF8.self), ["hello", "GET 1"])
                }
            }
        }
    }

    // MARK: Single answers

    @Test func `an answer is a whole response`() async throws {
        try await serve { server, _ in
            try await WireClient.withConnection(port: server.port) { client in
                let reply = try await client.request(post("ab"))
                let date = try #require(WireReply(text: reply)["date"])
                #expect(
                    reply == "HTTP/1.1 200 OK\r\nContent-Type: text/a\r\nContent-Length: 2\r\nDate: \(date)\r\n\r\nab"
                )
            }
        }
    }

    @Test(arguments: [
        "GET /shared/?q=1 HTTP/1.0\r\n\r\n", "GET /shared/?q=1 HTTP/1.1\r\nHost: l\r\nConnection: close\r\n\r\n",
    ])
    func `a connection ends with an answer if the client wants it`(_ request: String) async throws {
        try await serve { server, _ in
            try await WireClient.withConnection(port: server.port) { client in
                let reply = WireReply(text: try await client.request(request + get("q=2")))
                #expect(reply.body == "GET 1")
                #expect(reply["connection"] == "close")
                #expect(await client.next() == .end)
            }
        }
    }

    @Test func `the answer to a HEAD has no body, and the next begins behind it`() async throws {
        try await serve { server, _ in
            try await WireClient.withConnection(port: server.port) { client in
                let head = "HEAD /shared/?q=1 HTTP/1.1\r\nHost: l\r\n\r\n"
                try await client.send(bytes: Array((head + get("q=2", "Connection: close\r\n")).utf8))
                let all = await everything(client)
                #expect(all.contains("Content-Length: 6\r\n"))
                #expect(all.components(separatedBy: "\r\n\r\n").dropFirst().first?.hasPrefix("HTTP/1.1 200 OK") == true)
                #expect(all.hasSuffix("\r\n\r\nGET 2"))
            }
        }
    }

    /// All that the server sends until it closes.
    private func everything(_ client: WireClient) async -> String {
        var all = ""
        while true {
            let reply = await client.response()
            if reply.isEmpty { return all }
            all += reply
        }
    }

    @Test func `content that nobody wants is passed over`() async throws {
        try await serve { server, _ in
            try await WireClient.withConnection(port: server.port) { client in
                let request = "GET /shared/?q=1 HTTP/1.1\r\nHost: l\r\nContent-Length: 50\r\n\r\n"
                try await expect(client, request, ["GET 1"])
                let content = String(repeating: "x", count: 50)
                try await expect(client, content + get("q=2"), ["GET 2"])
                let refused = WireReply(text: try await client.request(post(content, query: "refuse") + get("q=3")))
                #expect(refused.status == 403)
                try await expect(client, "", ["GET 3"])
            }
        }
    }

    @Test func `content may have the limit and no byte more`() async throws {
        try await serve { server, _ in
            try await WireClient.withConnection(port: server.port) { client in
                let largest = String(repeating: "x", count: 100)
                try await expect(client, post(largest), [largest])
                let reply = WireReply(text: try await client.request(post(largest + "x")))
                #expect(reply.status == 413)
                #expect(reply["connection"] == "close")
                #expect(await client.next() == .end)
            }
        }
    }

    @Test func `a client that asks is told to send its content, unless that is refused`() async throws {
        func request(_ query: String) -> String {
            "POST /shared/?\(query) HTTP/1.1\r\nHost: l\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"
        }
        try await serve { server, _ in
            try await WireClient.withConnection(port: server.port) { client in
                #expect(try await client.request(request("")) == "HTTP/1.1 100 Continue\r\n\r\n")
                try await expect(client, "ab", ["ab"])
                #expect(WireReply(text: try await client.request(request("refuse"))).status == 403)
            }
        }
    }

    @Test func `answers are counted by method and status`() async throws {
        let counts = CountingMetrics()
        try await serve(metrics: GatewayMetrics(factory: counts)) { server, _ in
            try await WireClient.withConnection(port: server.port) { client in
                try await expect(client, get("q=1") + post("a") + post("b"), ["GET 1", "a", "b"])
                let refused = try await client.request(post("c", query: "refuse"))
                #expect(WireReply(text: refused).status == 403)
                let invented = try await client.request("FETCH /shared/ HTTP/1.1\r\nHost: l\r\n\r\n")
                #expect(WireReply(text: invented).body == "FETCH -")
                _ = try await client.request("nonsense\r\n")
            }
        }
        let expected = ["GET.200": 1, "POST.200": 2, "POST.403": 1, "other.200": 1, "other.400": 1]
        for (name, count) in expected { #expect(counts["http_requests.\(name)"] == count) }
    }

    // MARK: What is no request

    @Test(arguments: [
        ("GET /shared/ HTTP/1.1\r\nHost : l\r\n\r\n", "400 Bad Request"),
        ("GET /shared/ HTTP/1.1\r\n\r\n", "400 Bad Request"), ("GET /shared/ HTTP/1.1\n", "400 Bad Request"),
        ("GET /shared/ HTTP/1.2\r\n", "400 Bad Request"), ("nonsense\r\n", "400 Bad Request"),
        ("POST /shared/ HTTP/1.1\r\nHost: l\r\nContent-Length: -1\r\n\r\n", "400 Bad Request"),
        ("POST /shared/ HTTP/1.1\r\nHost: l\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", "400 Bad Request"),
        (
            "GET /shared/?" + String(repeating: "x", count: 17_000) + " HTTP/1.1\r\n",
            "431 Request Header Fields Too Large"
        ),
    ])
    func `a refusal is a whole response, and the last`(_ request: String, _ status: String) async throws {
        let refusal = "HTTP/1.1 \(status)\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
        try await serve { server, _ in
            try await WireClient.withConnection(port: server.port) { client in
                try await expect(client, get("q=1"), ["GET 1"])
                #expect(try await client.request(request) == refusal)
                #expect(await client.next() == .end)
            }
        }
    }

    // MARK: Other requests

    @Test func `a connection may go on with requests of other kinds`() async throws {
        try await serve { server, _ in
            try await WireClient.withConnection(port: server.port) { client in
                let hello = "GET /hello HTTP/1.1\r\nHost: l\r\n\r\n"
                try await expect(client, get("q=1") + hello, ["GET 1", "hello"])
                // From here on it is the HTTP server's, which lets go of it when it can be answered more cheaply.
                let reply = WireReply(text: try await client.request(get("q=2")))
                #expect(reply.body == "GET 2")
                #expect(reply["connection"] == "close")
            }
        }
    }

    @Test(arguments: ["/shared/", "/echo"])
    func `a connection may become a WebSocket after other requests`(_ path: String) async throws {
        try await serve { server, _ in
            try await WireClient.withConnection(port: server.port) { client in
                try await expect(client, get("q=1"), ["GET 1"])
                #expect(try await client.request(WireClient.upgrade(path)).hasPrefix("HTTP/1.1 101 "))
                try await client.send("hello")
                #expect(await client.next() == .text("hello"))
            }
        }
    }

    @Test func `content in pieces is taken, and has the same limit`() async throws {
        let head = "POST /shared/ HTTP/1.1\r\nHost: l\r\nTransfer-Encoding: chunked\r\n\r\n"
        try await serve { server, responder in
            try await WireClient.withConnection(port: server.port) { client in
                try await expect(client, get("q=1") + head + "2\r\nab\r\n1\r\nc\r\n0\r\n\r\n", ["GET 1", "abc"])
            }
            try await WireClient.withConnection(port: server.port) { client in
                let large = "65\r\n" + String(repeating: "x", count: 101) + "\r\n0\r\n\r\n"
                let reply = WireReply(text: try await client.request(head + large))
                #expect(reply.status == 413)
            }
            try await WireClient.withConnection(port: server.port) { client in
                try await client.send(bytes: Array((head + "2\r\na").utf8))
            }
            #expect(await responder.nextEnd() == .contentAborted)
        }
    }

    // MARK: Going away

    @Test func `a client that goes while it waits is told of, and so is one that sends no more`() async throws {
        try await serve { server, responder in
            try await WireClient.withConnection(port: server.port) { client in
                try await client.send(bytes: Array(get("wait").utf8))
                await responder.untilWaiting()
            }
            #expect(await responder.nextEnd() == .aborted)
            try await WireClient.withConnection(port: server.port) { client in
                try await client.send(bytes: Array(get("wait").utf8))
                await responder.untilWaiting()
                try await client.finish()
                #expect(WireReply(text: await client.response()).body == "aborted")
                #expect(await client.next() == .end)
            }
            #expect(await responder.nextEnd() == .aborted)
        }
    }

    @Test func `a client that goes in the midst of its content is told of`() async throws {
        try await serve { server, responder in
            try await WireClient.withConnection(port: server.port) { client in
                try await client.send(bytes: Array(post("hello").utf8.dropLast()))
            }
            #expect(await responder.nextEnd() == .contentAborted)
        }
    }

    @Test func `what was sent before the end of input is answered wholly`() async throws {
        try await serve { server, _ in
            try await WireClient.withConnection(port: server.port, receiveBuffer: 8192) { client in
                try await client.send(bytes: Array((post("a") + get("large") + get("large") + get("q=1")).utf8))
                try await client.finish()
                let answers = try await bodies(client, "", 4)
                #expect(answers.map(\.utf8.count) == [1, 100_000, 100_000, 5])
                #expect(await client.next() == .end)
            }
        }
    }

    @Test func `a stop lets requests finish and connections go`() async throws {
        try await serve { server, responder in
            try await WireClient.withConnection(port: server.port) { idle in
                try await expect(idle, get("q=1"), ["GET 1"])
                try await WireClient.withConnection(port: server.port) { waiting in
                    try await waiting.send(bytes: Array(get("wait").utf8))
                    await responder.untilWaiting()
                    await server.beginShutdown()
                    #expect(await idle.next() == .end)
                    responder.release("last")
                    let reply = WireReply(text: await waiting.response())
                    #expect(reply.body == "last")
                    #expect(reply["connection"] == "close")
                    #expect(await waiting.next() == .end)
                }
            }
            await server.waitUntilStopped()
        }
    }
}
