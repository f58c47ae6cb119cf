import EventSchema
import PhoenixProbe
import RealtimeDomain
import RealtimeHTTP
import RealtimeTesting
import Testing

@testable import RealtimePhoenix

/// Conversations that were recorded with Phoenix 1.7.24, replayed over a real socket.
@Suite(.timeLimit(.minutes(1)))
struct TranscriptTests {
    private func replay(_ target: String, _ text: String) async throws {
        try await withProbeServer { server in
            try await WireClient.withWebSocket(port: server.port, target) { client in
                try await Transcript(text).replay(client)
            }
        }
    }

    @Test func `version 2 joins, pushes, rejoins and leaves`() async throws {
        try await replay(
            "/socket/websocket?token=a&vsn=2.0.0",
            #"""
            > [null,"1","phoenix","heartbeat",{}]
            < [null,"1","phoenix","phx_reply",{"response":{},"status":"ok"}]
            > ["2","2","room:a","phx_join",{"k":1}]
            < ["2","2","room:a","phx_reply",{"response":{"k":1},"status":"ok"}]
            > ["2","3","room:a","echo",{"x":1}]
            < ["2","3","room:a","phx_reply",{"response":{"x":1},"status":"ok"}]
            > ["2","4","room:a","error",{"x":1}]
            < ["2","4","room:a","phx_reply",{"response":{"x":1},"status":"error"}]
            > ["2","5","room:a","noreply",{}]
            > ["2","6","room:a","shout",{"m":1}]
            < [null,null,"room:a","shout",{"m":1}]
            > ["7","7","room:a","phx_join",{}]
            < ["7","7","room:a","phx_reply",{"response":{},"status":"ok"}]
            < ["2","2","room:a","phx_close",{}]
            > ["2","8","room:a","echo",{"stale":1}]
            < ["7","8","room:a","phx_reply",{"response":{"stale":1},"status":"ok"}]
            > ["2","9","room:a","phx_leave",{}]
            > ["7","10","room:a","phx_leave",{}]
            < ["7","10","room:a","phx_reply",{"response":{},"status":"ok"}]
            < ["7","7","room:a","phx_close",{}]
            > ["7","11","room:a","phx_leave",{}]
            < ["7","11","room:a","phx_reply",{"response":{},"status":"ok"}]
            > ["7","12","room:a","echo",{}]
            < [null,"12","room:a","phx_reply",{"response":{"reason":"unmatched topic"},"status":"error"}]
            > ["1","13","nosuch:a","phx_join",{}]
            < [null,"13","nosuch:a","phx_reply",{"response":{"reason":"unmatched topic"},"status":"error"}]
            > ["1","14","room:forbidden","phx_join",{}]
            < ["1","14","room:forbidden","phx_reply",{"response":{"reason":"unauthorized"},"status":"error"}]
            """#
        )
    }

    @Test func `version 2 reports a crash and a stop`() async throws {
        try await replay(
            "/socket/websocket?token=a&vsn=2.0.0",
            #"""
            > ["1","1","room:a","phx_join",{}]
            < ["1","1","room:a","phx_reply",{"response":{},"status":"ok"}]
            > ["1","2","room:a","crash",{}]
            < ["1","1","room:a","phx_error",{}]
            > ["1","3","room:a","echo",{}]
            < [null,"3","room:a","phx_reply",{"response":{"reason":"unmatched topic"},"status":"error"}]
            > ["4","4","room:a","phx_join",{}]
            < ["4","4","room:a","phx_reply",{"response":{},"status":"ok"}]
            > ["4","5","room:a","stop",{}]
            < ["4","5","room:a","phx_reply",{"response":{},"status":"ok"}]
            < ["4","4","room:a","phx_close",{}]
            > ["6","6","room:crash","phx_join",{}]
            < ["6","6","room:crash","phx_reply",{"response":{"reason":"join crashed"},"status":"error"}]
            """#
        )
    }

    @Test func `version 2 answers binary with binary`() async throws {
        try await replay(
            "/socket/websocket?token=a&vsn=2.0.0",
            #"""
            > ["1","1","room:a","phx_join",{}]
            < ["1","1","room:a","phx_reply",{"response":{},"status":"ok"}]
            > BIN 00010106043132726f6f6d3a616563686f0102
            < BIN 01010106023132726f6f6d3a616f6b0102
            > BIN 00010106053133726f6f6d3a6173686f757409
            < BIN 020605726f6f6d3a6173686f757409
            > BIN 00010106073134726f6f6d3a6177686973706572ff
            < BIN 0001060731726f6f6d3a6177686973706572ff
            """#
        )
    }

    @Test func `version 1 is spoken when no version is asked for`() async throws {
        try await replay(
            "/socket/websocket?token=a",
            #"""
            > {"topic":"phoenix","event":"heartbeat","payload":{},"ref":"1"}
            < {"event":"phx_reply","payload":{"response":{},"status":"ok"},"ref":"1","topic":"phoenix"}
            > {"topic":"room:a","event":"phx_join","payload":{},"ref":"2"}
            < {"event":"phx_reply","payload":{"response":{},"status":"ok"},"ref":"2","topic":"room:a"}
            > {"topic":"room:a","event":"echo","payload":{"x":1},"ref":"3"}
            < {"event":"phx_reply","payload":{"response":{"x":1},"status":"ok"},"ref":"3","topic":"room:a"}
            > {"topic":"room:a","event":"shout","payload":{"m":1},"ref":"4"}
            < {"event":"shout","payload":{"m":1},"ref":null,"topic":"room:a"}
            > {"topic":"room:a","event":"phx_join","payload":{},"ref":"5"}
            < {"event":"phx_reply","payload":{"response":{},"status":"ok"},"ref":"5","topic":"room:a"}
            < {"event":"phx_close","payload":{},"ref":null,"topic":"room:a"}
            > {"topic":"room:a","event":"phx_leave","payload":{},"ref":"6"}
            < {"event":"phx_reply","payload":{"response":{},"status":"ok"},"ref":"6","topic":"room:a"}
            < {"event":"phx_close","payload":{},"ref":null,"topic":"room:a"}
            > {"topic":"room:a","event":"echo","payload":{},"ref":"7"}
            < {"event":"phx_reply","payload":{"response":{"reason":"unmatched topic"},"status":"error"},"ref":"7","topic":"room:a"}
            """#
        )
    }

    @Test func `presence tells the topic first and then the joiner`() async throws {
        try await replay(
            "/socket/websocket?token=u1&vsn=2.0.0",
            #"""
            > ["1","1","room:presence9","phx_join",{}]
            < ["1","1","room:presence9","phx_reply",{"response":{"joined":true},"status":"ok"}]
            < [null,null,"room:presence9","presence_diff",{"joins":{"u1":{"metas":[{"online_at":1,"phx_ref":"REF"}]}},"leaves":{}}]
            < ["1",null,"room:presence9","presence_state",{"u1":{"metas":[{"online_at":1,"phx_ref":"REF"}]}}]
            > ["1","2","room:presence9","phx_leave",{}]
            < ["1","2","room:presence9","phx_reply",{"response":{},"status":"ok"}]
            < ["1","1","room:presence9","phx_close",{}]
            """#
        )
    }

    @Test(arguments: ["not json", #"{"a":1}"#, #"["1","1","room:a"]"#, "[]", #"["1","1",7,"e",{}]"#])
    func `a malformed frame of version 2 closes with 1011`(_ frame: String) async throws {
        try await replay("/socket/websocket?token=a&vsn=2.0.0", "> \(frame)\n< CLOSE 1011")
    }

    @Test(arguments: ["not json", #"{"a":1}"#, "[1]", #"{"topic":"t","event":"e","payload":{}}"#])
    func `a malformed frame of version 1 closes with 1011`(_ frame: String) async throws {
        try await replay("/socket/websocket?token=a&vsn=1.0.0", "> \(frame)\n< CLOSE 1011")
    }

    @Test(arguments: ["00", "000101060431", "03", "0001010604313" + "2726f6f6d"])
    func `a binary frame cut short closes with 1011`(_ frame: String) async throws {
        try await replay("/socket/websocket?token=a&vsn=2.0.0", "> BIN \(frame)\n< CLOSE 1011")
    }

    @Test(arguments: ["token=bad&vsn=2.0.0", "token=a&vsn=3.0.0", "token=a&vsn=foo", "vsn=2.0.0", "token="])
    func `a refused connect is an empty 403`(_ query: String) async throws {
        try await withProbeServer { server in
            let response = try await WireClient.withConnection(port: server.port) { client in
                try await client.request(WireClient.upgrade("/socket/websocket?\(query)"))
            }
            #expect(response.hasPrefix("HTTP/1.1 403 Forbidden\r\n"))
            #expect(response.contains("content-length: 0\r\n"))
            #expect(response.hasSuffix("\r\n\r\n"))
        }
    }
}

/// Hosts ``ProbeChannel`` while `body` runs.
func withProbeServer(
    loops: Int = 1,
    limits: ConnectionLimits = ConnectionLimits(),
    tokens: FakeTokens = FakeTokens(),
    maximumChannels: Int = 100,
    origins: AllowedOrigins = .any,
    metrics: GatewayMetrics = GatewayMetrics(),
    connectionsPerUser: Int = 0,
    polling: PollingLimits = PollingLimits(),
    _ body: (TestServer) async throws -> Void
) async throws {
    try await withTestServer(
        loops: loops,
        limits: limits,
        connectionsPerUser: connectionsPerUser,
        metrics: metrics
    ) { hub in
        let application = PhoenixApplication(
            hub: hub,
            router: ProbeChannel.router { PresenceMeta(ref: "REF", fields: ["online_at": 1]) },
            presence: PresenceTracker(hub: hub, window: .milliseconds(5)),
            maximumChannels: maximumChannels
        )
        return [PhoenixEndpoint(application: application, tokens: tokens, origins: origins, polling: polling)]
    } _: {
        try await body($0)
    }
}
