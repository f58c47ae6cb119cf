import EventSchema
import RealtimeHTTP
import RealtimeTesting
import Testing

/// Who gets no session, and what a session may cost.
@Suite(.timeLimit(.minutes(1)))
struct LongPollBoundsTests {
    @Test(arguments: ["token=bad&vsn=2.0.0", "token=a&vsn=3.0.0", "token=a&vsn=foo", "vsn=2.0.0", "token=lp1.a.b.c"])
    func `who may not connect is told 403 in the body`(_ parameters: String) async throws {
        try await withProbeServer { server in
            let answer = try await LongPollClient(port: server.port, parameters).poll()
            #expect(answer.head.hasPrefix("HTTP/1.1 200 OK"))
            #expect(answer.body == #"{"status":403}"#)
        }
    }

    @Test func `a page from elsewhere is refused whatever it asks`() async throws {
        let counts = CountingMetrics()
        let metrics = GatewayMetrics(factory: counts)
        try await withProbeServer(origins: .only(["https://a.example"]), metrics: metrics) { server in
            let client = try await LongPollClient.open(server)
            for method in ["GET", "POST", "OPTIONS"] {
                let answer = try await client.request(method, headers: "Origin: https://b.example\r\n")
                #expect(answer.body == #"{"status":403}"#)
            }
            let body = #"[null,"1","phoenix","heartbeat",{}]"#
            let answer = try await client.request("POST", headers: "Origin: https://a.example\r\n", body: body)
            #expect(answer.body == #"{"status":200}"#)
        }
        #expect(counts["realtime_connects_refused.origin"] == 3)
    }

    @Test func `a browser may ask first, and other methods are refused`() async throws {
        try await withProbeServer { server in
            let client = LongPollClient(port: server.port)
            let asked = "Origin: https://x\r\nAccess-Control-Request-Headers: content-type\r\n"
            let answer = try await client.request("OPTIONS", headers: asked)
            #expect(answer.head.hasPrefix("HTTP/1.1 200 OK"))
            for header in [
                "access-control-allow-origin: *", "access-control-allow-headers: content-type",
                "access-control-allow-methods: get, post, options", "access-control-max-age: 3600",
            ] { #expect(answer.head.lowercased().contains(header)) }
            for method in ["PUT", "DELETE", "PATCH"] {
                #expect(try await client.request(method).head.hasPrefix("HTTP/1.1 400"))
            }
        }
    }

    @Test func `phoenix.js 1.8 may hide the token in a header`() async throws {
        try await withProbeServer { server in
            let client = LongPollClient(port: server.port, "vsn=2.0.0")
            let answer = try await client.request("GET", headers: "X-Phoenix-AuthToken: a\r\n")
            #expect(answer.body.contains(#""status":410"#))
            #expect(server.hub.users.count(of: "a") == 1)
        }
    }

    @Test func `a client that never polls is given up when too much waits for it`() async throws {
        let counts = CountingMetrics()
        let limits = PollingLimits(outboundBytes: 65536)
        try await withProbeServer(metrics: GatewayMetrics(factory: counts), polling: limits) { server in
            let mute = try await LongPollClient.open(server, "token=m&vsn=2.0.0")
            _ = try await mute.push(#"["1","1","room:a","phx_join",{}]"#)
            try await WireClient.withWebSocket(port: server.port, "/socket/websocket?token=w&vsn=2.0.0") { client in
                try await client.send(#"["1","1","room:a","phx_join",{}]"#)
                _ = await client.next()
                let text = String(repeating: "x", count: 1000)
                for number in 0..<100 {
                    try await client.send(#"["1","\#(number)","room:a","shout",{"m":"\#(text)"}]"#)
                    #expect(await client.next() == .text(#"[null,null,"room:a","shout",{"m":"\#(text)"}]"#))
                }
            }
            #expect(try await mute.push(#"[null,"1","phoenix","heartbeat",{}]"#) == #"{"status":410}"#)
        }
        #expect(counts["realtime_slow_consumers_closed"] == 1)
        let dropped = counts["realtime_dropped.room.slow_consumer"] + counts["realtime_dropped.room.closing"]
        #expect(counts["realtime_deliveries_due.room"] == counts["realtime_deliveries.room"] + dropped)
        #expect(counts["realtime_deliveries.room"] == 100)
    }

    @Test func `a large body is not taken, and a large message ends the session`() async throws {
        let limits = PollingLimits(messageBytes: 1000, bodyBytes: 5000)
        try await withProbeServer(polling: limits) { server in
            let client = try await LongPollClient.open(server)
            let text = String(repeating: "x", count: 6000)
            #expect(try await client.push(#"[null,"1","phoenix","heartbeat",{"x":"\#(text)"}]"#) == #"{"status":413}"#)
            let heartbeat = #"[null,"1","phoenix","heartbeat",{"x":"\#(text.prefix(800))"}]"#
            #expect(try await client.push(heartbeat, heartbeat) == #"{"status":200}"#)
            #expect(try await client.messages().count == 2)
            let large = #"[null,"1","phoenix","heartbeat",{"x":"\#(text.prefix(1200))"}]"#
            #expect(try await client.push(large) == #"{"status":410}"#)
        }
    }

    @Test func `a node has a bound on its sessions`() async throws {
        let limits = PollingLimits(sessions: 1)
        try await withProbeServer(polling: limits) { server in
            let client = try await LongPollClient.open(server)
            let refusal = try await LongPollClient(port: server.port).poll()
            #expect(refusal.head.hasPrefix("HTTP/1.1 503") && refusal.body.isEmpty)
            #expect(refusal.head.lowercased().contains("retry-after: 30"))
            #expect(server.hub.users.count(of: "a") == 1)
            _ = try await client.push("[]")
            _ = try await LongPollClient.open(server)
        }
    }

    @Test func `sessions count among a user's connections`() async throws {
        try await withProbeServer(connectionsPerUser: 1) { server in
            let client = try await LongPollClient.open(server)
            let refusal = try await LongPollClient(port: server.port).poll()
            #expect(refusal.head.hasPrefix("HTTP/1.1 429") && refusal.body.isEmpty)
            #expect(refusal.head.lowercased().contains("retry-after: 30"))
            let answer = try await client.answer { server.hub.disconnect("a") }
            #expect(answer.body == #"{"messages":[],"status":410,"token":null}"#)
            _ = try await LongPollClient.open(server)
        }
    }

    @Test func `a session ends with its token, and a refreshed one keeps it`() async throws {
        // What comes before the tokens' end takes its time on a busy machine.
        try await withProbeServer(polling: PollingLimits(window: .seconds(40), patience: .seconds(40))) { server in
            let end = Timestamp.now.milliseconds + 15_000
            let other = try await LongPollClient.open(server, "token=b@\(end)&vsn=2.0.0")
            async let last = other.poll()
            let client = try await LongPollClient.open(server, "token=a@\(end)&vsn=2.0.0")
            let refresh = #"[null,"1","phoenix","access_token",{"access_token":"a@\#(end + 60_000)"}]"#
            #expect(try await client.push(refresh) == #"{"status":200}"#)
            #expect(
                try await client.messages() == [
                    #"[null,"1","phoenix","phx_reply",{"response":{},"status":"ok"}]"#
                ]
            )
            #expect(try JSONParser.parse(try await last.body)["token"] == .null)
            #expect(try await client.push(#"[null,"1","phoenix","heartbeat",{}]"#) == #"{"status":200}"#)
        }
    }

    @Test func `a node that goes tells who waits, and takes nobody any more`() async throws {
        try await withProbeServer { server in
            let client = try await LongPollClient.open(server)
            _ = try await client.push(#"["1","1","room:a","phx_join",{}]"#)
            _ = try await client.messages()
            let answer = try await client.answer { await server.beginShutdown() }
            #expect(answer.body == #"{"messages":[],"status":410,"token":null}"#)
            await server.waitUntilStopped()
            #expect(server.hub.connectionCount == 0)
        }
    }
}
