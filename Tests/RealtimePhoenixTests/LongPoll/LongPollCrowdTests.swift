import RealtimeHTTP
import RealtimeTesting
import Testing

/// Many clients of both transports at once, on several event loops.
@Suite(.timeLimit(.minutes(2)))
struct LongPollCrowdTests {
    private static let pollers = 12
    private static let messages = 300

    @Test func `clients that poll again and again hear everything once and in order`() async throws {
        let counts = CountingMetrics()
        // The first client does not poll before the last has come.
        let limits = PollingLimits(patience: .seconds(100))
        try await withProbeServer(loops: 3, metrics: GatewayMetrics(factory: counts), polling: limits) { server in
            var clients: [LongPollClient] = []
            for number in 0..<Self.pollers {
                let client = try await LongPollClient.open(server, "token=u\(number)&vsn=2.0.0")
                _ = try await client.push(#"["1","1","room:a","phx_join",{}]"#)
                clients.append(client)
            }
            try await withThrowingTaskGroup(of: [String].self) { group in
                for client in clients { group.addTask { try await Self.hear(client) } }
                group.addTask { try await Self.speak(to: server) }
                let expected = (0..<Self.messages).map { #"[null,null,"room:a","shout",{"n":\#($0)}]"# }
                for try await heard in group { #expect(heard == expected) }
            }
        }
        let due = Int64((Self.pollers + 1) * Self.messages)
        #expect(counts["realtime_deliveries_due.room"] == due)
        #expect(counts["realtime_deliveries.room"] == due)
    }

    @Test func `one event is spelled four times for clients of four kinds, however many they are`() async throws {
        let counts = CountingMetrics()
        try await withProbeServer(loops: 2, metrics: GatewayMetrics(factory: counts)) { server in
            var pollers: [LongPollClient] = []
            for version in ["1.0.0", "2.0.0", "1.0.0", "2.0.0"] {
                let client = try await LongPollClient.open(server, "token=a&vsn=\(version)")
                _ = try await client.push(Self.join(version))
                _ = try await client.messages()
                pollers.append(client)
            }
            try await Self.withSockets(["1.0.0", "2.0.0", "1.0.0", "2.0.0"], server) { sockets in
                try await sockets[0].send(
                    #"{"topic":"room:a","event":"shout","payload":{"n":1},"ref":"2"}"#
                )
                for socket in sockets { #expect(await socket.next().description.contains(#""shout""#)) }
                for poller in pollers { #expect(try await poller.messages().count == 1) }
            }
        }
        #expect(counts["realtime_encodings.room"] == 4)
        #expect(counts["realtime_deliveries.room"] == 8)
    }

    private static func join(_ version: String) -> String {
        version == "1.0.0"
            ? #"{"topic":"room:a","event":"phx_join","payload":{},"ref":"1"}"#
            : #"["1","1","room:a","phx_join",{}]"#
    }

    private static func withSockets(
        _ versions: [String],
        _ server: TestServer,
        _ joined: [WireClient] = [],
        _ body: ([WireClient]) async throws -> Void
    ) async throws {
        guard joined.count < versions.count else { return try await body(joined) }
        let version = versions[joined.count]
        try await WireClient.withWebSocket(port: server.port, "/socket/websocket?token=w&vsn=\(version)") { client in
            try await client.send(join(version))
            _ = await client.next()
            try await withSockets(versions, server, joined + [client], body)
        }
    }

    /// Everything after the answer to the join, until the last.
    private static func hear(_ client: LongPollClient) async throws -> [String] {
        var heard = try await Array(client.messages().dropFirst())
        while heard.count < messages { heard += try await client.messages() }
        return heard
    }

    /// Says the messages by a WebSocket, which hears them itself.
    private static func speak(to server: TestServer) async throws -> [String] {
        try await WireClient.withWebSocket(port: server.port, "/socket/websocket?token=w&vsn=2.0.0") { client in
            try await client.send(#"["1","1","room:a","phx_join",{}]"#)
            _ = await client.next()
            for number in 0..<messages {
                try await client.send(#"["1","\#(number)","room:a","shout",{"n":\#(number)}]"#)
            }
            var heard: [String] = []
            while heard.count < messages { heard.append(await client.next().description) }
            return heard
        }
    }
}
