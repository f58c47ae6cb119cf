import RealtimeHTTP
import RealtimeTesting
import Testing

/// The bound on one user's connections, as clients see it.
@Suite(.timeLimit(.minutes(1)))
struct UserLimitTests {
    private static let target = "/socket/websocket?vsn=2.0.0&token=a"

    private func answer(of server: TestServer, to request: String) async throws -> String {
        try await WireClient.withConnection(port: server.port) { try await $0.request(request) }
    }

    @Test func `one connection too many is an empty 429, and is let in when another has gone`() async throws {
        let counts = CountingMetrics()
        try await withProbeServer(metrics: GatewayMetrics(factory: counts), connectionsPerUser: 2) { server in
            try await WireClient.withWebSocket(port: server.port, Self.target) { _ in
                try await WireClient.withWebSocket(port: server.port, Self.target) { client in
                    let refusal = try await answer(of: server, to: WireClient.upgrade(Self.target))
                    #expect(refusal.hasPrefix("HTTP/1.1 429 Too Many Requests\r\n"))
                    #expect(refusal.contains("retry-after: 30\r\n"))
                    #expect(refusal.contains("content-length: 0\r\n"))
                    #expect(refusal.hasSuffix("\r\n\r\n"))
                    try await client.send(bytes: WireClient.frame(0x88, [0x03, 0xE8]))
                    #expect(await client.next() == .close(1000, ""))
                }
                try await WireClient.withWebSocket(port: server.port, Self.target) { _ in }
            }
        }
        #expect(counts["realtime_connects_refused.user_connections"] == 1)
    }

    @Test func `a request that is no WebSocket after all costs no place`() async throws {
        try await withProbeServer(connectionsPerUser: 1) { server in
            for _ in 0..<3 {
                let request = "GET \(Self.target) HTTP/1.1\r\nHost: localhost\r\n\r\n"
                #expect(try await answer(of: server, to: request).hasPrefix("HTTP/1.1 400"))
            }
            try await WireClient.withWebSocket(port: server.port, Self.target) { _ in }
        }
    }

    @Test func `as many as may be get in of those who come at once`() async throws {
        try await withProbeServer(loops: 2, connectionsPerUser: 20) { server in
            let opened = try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<60 {
                    group.addTask {
                        try await WireClient.withConnection(port: server.port) { client in
                            let response = try await client.request(WireClient.upgrade(Self.target))
                            guard response.hasPrefix("HTTP/1.1 101") else { return false }
                            return await client.next() == .close(1008, "disconnected")
                        }
                    }
                }
                var refused = 0
                while refused < 40, let wasOpened = try await group.next() { refused += wasOpened ? 0 : 1 }
                #expect(server.hub.users.count(of: "a") == 20)
                server.hub.disconnect("a")
                return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(opened == 20)
        }
    }

    @Test func `who is disconnected is told on a code to come back on`() async throws {
        try await withProbeServer { server in
            try await WireClient.withWebSocket(port: server.port, Self.target) { client in
                try await Transcript(
                    #"""
                    > ["1","1","room:a","phx_join",{}]
                    < ["1","1","room:a","phx_reply",{"response":{},"status":"ok"}]
                    """#
                ).replay(client)
                #expect(server.hub.disconnect("a") == 1)
                #expect(await client.next() == .close(1008, "disconnected"))
            }
        }
    }
}
