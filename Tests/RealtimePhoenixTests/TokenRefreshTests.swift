import EventSchema
import RealtimeTesting
import Testing

/// New tokens over a connection that is open.
@Suite(.timeLimit(.minutes(1)))
struct TokenRefreshTests {
    private static let target = "/socket/websocket?vsn=2.0.0&token="

    private func token(_ name: String, endsIn milliseconds: Int64) -> String {
        "\(name)@\(Timestamp.now.milliseconds + milliseconds)"
    }

    @Test func `a refreshed token keeps the connection that the old one would have ended`() async throws {
        try await withProbeServer { server in
            let old = token("a", endsIn: 15_000)
            try await WireClient.withWebSocket(port: server.port, Self.target + old) { client in
                try await WireClient.withWebSocket(port: server.port, Self.target + old) { other in
                    try await Transcript(
                        #"""
                        > [null,"1","phoenix","access_token",{"access_token":"\#(token("a", endsIn: 60_000))"}]
                        < [null,"1","phoenix","phx_reply",{"response":{},"status":"ok"}]
                        """#
                    ).replay(client)
                    // Opened later, so whatever ends with the old token has ended when this has.
                    #expect(await other.next() == .close(1008, "token expired"))
                    try await Transcript(
                        #"""
                        > ["2","2","room:a","phx_join",{}]
                        < ["2","2","room:a","phx_reply",{"response":{},"status":"ok"}]
                        """#
                    ).replay(client)
                }
            }
        }
    }

    @Test func `a token that ends sooner ends the connection sooner`() async throws {
        try await withProbeServer { server in
            try await WireClient.withWebSocket(port: server.port, Self.target + "a") { client in
                try await Transcript(
                    #"""
                    > ["1","1","room:a","phx_join",{}]
                    < ["1","1","room:a","phx_reply",{"response":{},"status":"ok"}]
                    > ["1","2","room:a","access_token",{"access_token":"\#(token("a", endsIn: 4000))"}]
                    < ["1","2","room:a","phx_reply",{"response":{},"status":"ok"}]
                    < CLOSE 1008 token expired
                    """#
                ).replay(client)
            }
        }
    }

    @Test(arguments: [#""bad""#, #""""#, #""b""#, "null", "7", #""a@1""#])
    func `a token that does not hold, or is another's, changes nothing`(_ token: String) async throws {
        try await withProbeServer { server in
            try await WireClient.withWebSocket(port: server.port, Self.target + "a") { client in
                try await Transcript(
                    #"""
                    > ["1","1","room:presence9","phx_join",{}]
                    < ["1","1","room:presence9","phx_reply",{"response":{"joined":true},"status":"ok"}]
                    < [null,null,"room:presence9","presence_diff",{"joins":{"a":{"metas":[{"online_at":1,"phx_ref":"REF"}]}},"leaves":{}}]
                    < ["1",null,"room:presence9","presence_state",{"a":{"metas":[{"online_at":1,"phx_ref":"REF"}]}}]
                    > ["1","2","room:presence9","access_token",{"access_token":\#(token)}]
                    > ["1","3","room:presence9","echo",{"x":1}]
                    < ["1","2","room:presence9","phx_reply",{"response":{"reason":"unauthorized","message":"Invalid or expired token"},"status":"error"}]
                    < ["1","3","room:presence9","phx_reply",{"response":{"x":1},"status":"ok"}]
                    > ["4","4","room:presence9","phx_join",{}]
                    < ["4","4","room:presence9","phx_reply",{"response":{"joined":true},"status":"ok"}]
                    < ["1","1","room:presence9","phx_close",{}]
                    < [null,null,"room:presence9","presence_diff",{"joins":{"a":{"metas":[{"online_at":1,"phx_ref":"REF"}]}},"leaves":{"a":{"metas":[{"online_at":1,"phx_ref":"REF"}]}}}]
                    < ["4",null,"room:presence9","presence_state",{"a":{"metas":[{"online_at":1,"phx_ref":"REF"}]}}]
                    """#
                ).replay(client)
            }
        }
    }

    @Test func `an event of a channel that is only called access_token reaches it`() async throws {
        try await withProbeServer { server in
            try await WireClient.withWebSocket(port: server.port, Self.target + "a") { client in
                try await Transcript(
                    #"""
                    > ["1","1","room:a","phx_join",{}]
                    < ["1","1","room:a","phx_reply",{"response":{},"status":"ok"}]
                    > ["1","2","room:a","access_token",{}]
                    < ["1","1","room:a","phx_error",{}]
                    > ["1","3","room:a","access_token",{"access_token":"a"}]
                    < [null,"3","room:a","phx_reply",{"response":{"reason":"unmatched topic"},"status":"error"}]
                    """#
                ).replay(client)
            }
        }
    }

    @Test func `version 1 is answered in its own form`() async throws {
        try await withProbeServer { server in
            try await WireClient.withWebSocket(port: server.port, "/socket/websocket?token=a") { client in
                try await Transcript(
                    #"""
                    > {"topic":"phoenix","event":"access_token","payload":{"access_token":"a"},"ref":"1"}
                    < {"event":"phx_reply","payload":{"response":{},"status":"ok"},"ref":"1","topic":"phoenix"}
                    """#
                ).replay(client)
            }
        }
    }
}
