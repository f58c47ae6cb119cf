import RealtimeHTTP
import RealtimeTesting
import Testing

@testable import RealtimePhoenix

/// What long-poll clients send and get, byte for byte.
@Suite(.timeLimit(.minutes(1)))
struct LongPollTests {
    @Test func `version 2 joins, pushes and leaves`() async throws {
        try await withProbeServer { server in
            let client = try await LongPollClient.open(server)
            let pushed = try await client.push(
                #"["1","1","room:a","phx_join",{"k":"a\"\\b"}]"#,
                #"["1","2","room:a","echo",{"x":1}]"#,
                #"["1","3","room:a","shout",{"m":"é"}]"#,
                #"["1","4","room:a","phx_leave",{}]"#
            )
            #expect(pushed == #"{"status":200}"#)
            #expect(
                try await client.messages() == [
                    #"["1","1","room:a","phx_reply",{"response":{"k":"a\"\\b"},"status":"ok"}]"#,
                    #"["1","2","room:a","phx_reply",{"response":{"x":1},"status":"ok"}]"#,
                    #"[null,null,"room:a","shout",{"m":"é"}]"#,
                    #"["1","4","room:a","phx_reply",{"response":{},"status":"ok"}]"#,
                    #"["1","1","room:a","phx_close",{}]"#,
                ]
            )
        }
    }

    @Test func `version 1 is spoken when no version is asked for, and a body is one message if it is no list of them`()
        async throws
    {
        try await withProbeServer { server in
            let client = try await LongPollClient.open(server, "token=a")
            let message = #"{"topic":"room:a","event":"phx_join","payload":{},"ref":"1"}"#
            #expect(try await client.request("POST", body: message).body == #"{"status":200}"#)
            let line = #"{"topic":"room:a","event":"echo","payload":[1,2],"ref":"2"}"#
            #expect(try await client.push(line) == #"{"status":200}"#)
            #expect(
                try await client.messages() == [
                    #"{"event":"phx_reply","payload":{"response":{},"status":"ok"},"ref":"1","topic":"room:a"}"#,
                    #"{"event":"phx_reply","payload":{"response":[1,2],"status":"ok"},"ref":"2","topic":"room:a"}"#,
                ]
            )
        }
    }

    @Test func `white space in what others send arrives as it was`() async throws {
        try await withProbeServer { server in
            let client = try await LongPollClient.open(server)
            _ = try await client.push(#"["1","1","room:a","phx_join",{}]"#)
            _ = try await client.request("POST", body: "[\"1\",\"2\",\"room:a\",\"echo\",{\r\n\t\"a\":\"\\n\"}]")
            #expect(
                try await client.messages().last
                    == "[\"1\",\"2\",\"room:a\",\"phx_reply\",{\"response\":{\r\n\t\"a\":\"\\n\"},\"status\":\"ok\"}]"
            )
        }
    }

    @Test func `a waiting poll hears what a WebSocket says, and the other way round`() async throws {
        try await withProbeServer(loops: 2) { server in
            let poller = try await LongPollClient.open(server, "token=b&vsn=2.0.0")
            _ = try await poller.push(#"["1","1","room:a","phx_join",{}]"#)
            #expect(try await poller.messages().count == 1)
            try await WireClient.withWebSocket(port: server.port, "/socket/websocket?token=a&vsn=2.0.0") { client in
                try await Transcript(
                    #"""
                    > ["1","1","room:a","phx_join",{}]
                    < ["1","1","room:a","phx_reply",{"response":{},"status":"ok"}]
                    """#
                ).replay(client)
                async let heard = poller.messages()
                try await client.send(#"["1","2","room:a","shout",{"m":1}]"#)
                #expect(try await heard == [#"[null,null,"room:a","shout",{"m":1}]"#])
                #expect(await client.next() == .text(#"[null,null,"room:a","shout",{"m":1}]"#))
                _ = try await poller.push(#"["1","2","room:a","shout",{"m":2}]"#)
                #expect(await client.next() == .text(#"[null,null,"room:a","shout",{"m":2}]"#))
            }
        }
    }

    @Test func `a binary message comes as base64, and WebSockets hear it`() async throws {
        try await withProbeServer { server in
            let poller = try await LongPollClient.open(server)
            _ = try await poller.push(#"["1","1","room:a","phx_join",{}]"#)
            try await WireClient.withWebSocket(port: server.port, "/socket/websocket?token=a&vsn=2.0.0") { client in
                try await Transcript(
                    #"""
                    > ["1","1","room:a","phx_join",{}]
                    < ["1","1","room:a","phx_reply",{"response":{},"status":"ok"}]
                    """#
                ).replay(client)
                // join_ref "1", ref "3", room:a, shout, and the byte 9.
                #expect(try await poller.push("AAEBBgUxM3Jvb206YXNob3V0CQ==") == #"{"status":200}"#)
                #expect(await client.next().description == "BIN 020605726f6f6d3a6173686f757409")
            }
        }
    }

    @Test func `an event is encoded once for all long-poll clients of a version`() async throws {
        let counts = CountingMetrics()
        try await withProbeServer(metrics: GatewayMetrics(factory: counts)) { server in
            let versions = ["2.0.0", "2.0.0", "2.0.0", "1.0.0", "1.0.0"]
            var clients: [LongPollClient] = []
            for version in versions {
                let client = try await LongPollClient.open(server, "token=a&vsn=\(version)")
                let join =
                    version == "1.0.0"
                    ? #"{"topic":"room:a","event":"phx_join","payload":{},"ref":"1"}"#
                    : #"["1","1","room:a","phx_join",{}]"#
                _ = try await client.push(join)
                clients.append(client)
            }
            _ = try await clients[0].push(#"["1","2","room:a","shout",{}]"#)
            for client in clients { #expect(try await client.messages().count == 2) }
            #expect(counts["realtime_encodings.room"] == 2)
            #expect(counts["realtime_deliveries.room"] == 5)
        }
    }

    // MARK: Sessions

    @Test func `a poll that nothing comes for is answered in the end`() async throws {
        try await withProbeServer(polling: PollingLimits(window: .milliseconds(50))) { server in
            let client = try await LongPollClient.open(server)
            let answer = try await client.poll()
            #expect(answer.body == #"{"messages":[],"status":204,"token":"\#(client.token)"}"#)
            #expect(answer.head.hasPrefix("HTTP/1.1 200 OK"))
            #expect(answer.head.lowercased().contains("content-type: application/json; charset=utf-8"))
            #expect(answer.head.lowercased().contains("access-control-allow-origin: *"))
        }
    }

    @Test func `of two polls the later one waits`() async throws {
        try await withProbeServer { server in
            let client = try await LongPollClient.open(server)
            _ = try await client.push(#"["1","1","room:a","phx_join",{}]"#)
            _ = try await client.messages()
            let answer = try await client.answer { _ = try await client.push(#"["1","2","room:a","echo",{}]"#) }
            #expect(answer.body.contains(#""status":200"#))
        }
    }

    @Test func `a token that is no session's opens a new one, and takes no messages`() async throws {
        try await withProbeServer { server in
            let client = try await LongPollClient.open(server)
            var tampered = Array(client.token)
            tampered[10] = tampered[10] == "A" ? "B" : "A"
            for token in [String(tampered), String(client.token.dropLast(2)), "lp1.a.b.c", "lp1..."] {
                var other = client
                other.token = token
                #expect(try await other.push(#"[null,"1","phoenix","heartbeat",{}]"#) == #"{"status":410}"#)
                let answer = try await other.poll().body
                #expect(answer.hasPrefix(#"{"messages":[],"status":410,"token":"lp1."#))
                #expect(!answer.contains(client.token))
            }
            #expect(try await client.push(#"[null,"1","phoenix","heartbeat",{}]"#) == #"{"status":200}"#)
        }
    }

    @Test func `a client that polls no more has left`() async throws {
        try await withProbeServer(polling: PollingLimits(patience: .milliseconds(1500))) { server in
            try await WireClient.withWebSocket(port: server.port, "/socket/websocket?token=w&vsn=2.0.0") { watcher in
                try await watcher.send(#"["1","1","room:presence1","phx_join",{}]"#)
                for _ in 0..<3 { _ = await watcher.next() }
                let client = try await LongPollClient.open(server, "token=p&vsn=2.0.0")
                #expect(try await client.push(#"["1","1","room:presence1","phx_join",{}]"#) == #"{"status":200}"#)
                #expect(await watcher.next().description.contains(#"{"joins":{"p":"#))
                #expect(await watcher.next().description.contains(#""leaves":{"p":"#))
                #expect(try await client.push(#"[null,"1","phoenix","heartbeat",{}]"#) == #"{"status":410}"#)
                #expect(server.hub.users.count(of: "p") == 0)
            }
        }
    }

    @Test(arguments: [
        "not json", #"["1","1"]"#, "[]", "{}", #"{"a":1}"#, "AAEB", "=", "[\"1\",\"1\",\"r\",\"e\",\"\u{1}\"]",
    ])
    func `a malformed message ends the session`(_ line: String) async throws {
        try await withProbeServer { server in
            for isLines in [true, false] {
                let client = try await LongPollClient.open(server)
                async let waiting = client.status()
                let body =
                    isLines ? try await client.push(line) : try await client.request("POST", body: line).body
                #expect(body == #"{"status":410}"#)
                #expect(try await waiting == 410)
                #expect(try await client.push(#"[null,"1","phoenix","heartbeat",{}]"#) == #"{"status":410}"#)
            }
        }
    }

    @Test func `what came before a malformed message is done and can be fetched by a poll that waits`() async throws {
        try await withProbeServer { server in
            let client = try await LongPollClient.open(server)
            let join = #"["1","1","room:a","phx_join",{}]"#
            let answer = try await client.answer {
                let body = try await client.push(join, #"["1"]"#)
                #expect(body == #"{"status":410}"#)
            }
            #expect(answer.body.contains(#"\"phx_reply\",{\"response\":{},\"status\":\"ok\"}]"],"status":200"#))
            let next = try await client.poll().body
            #expect(next.contains(#""status":410"#) && !next.contains(client.token))
        }
    }
}
