import EventSchema
import RealtimeHTTP
import RealtimeTesting
import Testing

@testable import RealtimePhoenix

@Suite(.timeLimit(.minutes(1)))
struct PhoenixEndpointTests {
    @Test func `a token may hide among the subprotocols`() async throws {
        try await withProbeServer { server in
            // "user-1?>" has both characters that base64 and base64url spell differently.
            let response = try await WireClient.withConnection(port: server.port) { client in
                try await client.request(
                    WireClient.upgrade(
                        "/socket/websocket?vsn=2.0.0",
                        headers: "Sec-WebSocket-Protocol: phoenix, base64url.bearer.phx.dXNlci0xPz4_Pg\r\n"
                    )
                )
            }
            #expect(response.hasPrefix("HTTP/1.1 101"))
            #expect(response.contains("sec-websocket-protocol: phoenix\r\n"))
        }
    }

    @Test func `a page from elsewhere is refused, a program is not`() async throws {
        try await withProbeServer(origins: .only(["https://a.example"])) { server in
            for (header, status) in [
                ("", "101"), ("Origin: https://a.example\r\n", "101"), ("Origin: https://b.example\r\n", "403"),
            ] {
                let response = try await WireClient.withConnection(port: server.port) { client in
                    try await client.request(WireClient.upgrade("/socket/websocket?token=a", headers: header))
                }
                #expect(response.hasPrefix("HTTP/1.1 \(status)"))
            }
        }
    }

    @Test func `operators learn why a client was not let in`() async throws {
        let counts = CountingMetrics()
        let metrics = GatewayMetrics(factory: counts)
        try await withProbeServer(origins: .only(["https://a.example"]), metrics: metrics) { server in
            for query in ["token=bad", "vsn=2.0.0", "token=a&vsn=9"] {
                let response = try await WireClient.withConnection(port: server.port) { client in
                    try await client.request(WireClient.upgrade("/socket/websocket?\(query)"))
                }
                #expect(response.hasPrefix("HTTP/1.1 403"))
            }
            _ = try await WireClient.withConnection(port: server.port) { client in
                try await client.request(
                    WireClient.upgrade("/socket/websocket?token=a", headers: "Origin: https://b.example\r\n")
                )
            }
        }
        for reason in ["token_bad_signature", "token_missing", "version", "origin"] {
            #expect(counts["realtime_connects_refused.\(reason)"] == 1, "\(reason)")
        }
    }

    @Test func `a connection has a bound on its channels`() async throws {
        try await withProbeServer(maximumChannels: 1) { server in
            try await WireClient.withWebSocket(port: server.port, "/socket/websocket?token=a&vsn=2.0.0") { client in
                try await Transcript(
                    #"""
                    > ["1","1","room:a","phx_join",{}]
                    < ["1","1","room:a","phx_reply",{"response":{},"status":"ok"}]
                    > ["2","2","room:b","phx_join",{}]
                    < ["2","2","room:b","phx_reply",{"response":{"reason":"too many channels joined"},"status":"error"}]
                    > ["3","3","room:a","phx_leave",{}]
                    > ["1","4","room:a","phx_leave",{}]
                    < ["1","4","room:a","phx_reply",{"response":{},"status":"ok"}]
                    < ["1","1","room:a","phx_close",{}]
                    > ["5","5","room:b","phx_join",{}]
                    < ["5","5","room:b","phx_reply",{"response":{},"status":"ok"}]
                    """#
                ).replay(client)
            }
        }
    }

    @Test func `a connection ends with its token, on a code to come back on`() async throws {
        let tokens = FakeTokens(expiresAt: Timestamp(milliseconds: Timestamp.now.milliseconds + 50))
        try await withProbeServer(tokens: tokens) { server in
            try await WireClient.withWebSocket(port: server.port, "/socket/websocket?token=a&vsn=2.0.0") { client in
                #expect(await client.next() == .close(1008, "token expired"))
            }
        }
    }

    @Test func `topics and references are given back as they were spelled`() async throws {
        try await withProbeServer { server in
            try await WireClient.withWebSocket(port: server.port, "/socket/websocket?token=a&vsn=2.0.0") { client in
                try await Transcript(
                    #"""
                    > [ 7 , null , "room:\"q\\ \u00e9" , "phx_join" , { "k" : 1.0 } , "extra" ]
                    < [7,null,"room:\"q\\ é","phx_reply",{"response":{ "k" : 1.0 },"status":"ok"}]
                    > [7,"2","room:\"q\\ é","echo",[1,"x",null]]
                    < [7,"2","room:\"q\\ é","phx_reply",{"response":[1,"x",null],"status":"ok"}]
                    > [null,"3","room:\"q\\ é","phx_leave",{}]
                    < [7,"3","room:\"q\\ é","phx_reply",{"response":{},"status":"ok"}]
                    < [7,7,"room:\"q\\ é","phx_close",{}]
                    """#
                ).replay(client)
            }
        }
    }
}
