import EngineIO
import RealtimeHTTP
import RealtimeTesting
import Testing

/// Items 1, 2, 3 and 8 of what is known of Engine.IO's wire.
struct HandshakeTests {
    @Test func `a polling handshake is Engine.IO's own`() async throws {
        try await EngineBench.run { bench in
            let reply = try await bench.send("GET", "EIO=4&transport=polling")
            let sid = try bench.sid(in: reply.body)
            #expect(reply.status == 200)
            #expect(
                reply.body == #"0{"sid":"\#(sid)","upgrades":["websocket"],"pingInterval":25000,"#
                    + #""pingTimeout":20000,"maxPayload":1000000}"#
            )
            #expect(reply["content-type"] == "text/plain; charset=UTF-8")
            #expect(reply["cache-control"] == "no-store")
            #expect(reply["access-control-allow-origin"] == "*")
            #expect(EngineServer.node(of: sid) == "n1")
        }
    }

    @Test func `a WebSocket handshake offers no upgrades`() async throws {
        try await EngineBench.run { bench in
            try await bench.webSocket { client in
                let packet = "\(await client.next())"
                let sid = try bench.sid(in: packet)
                #expect(
                    packet == #"0{"sid":"\#(sid)","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"#
                        + #""maxPayload":1000000}"#
                )
            }
        }
    }

    @Test(
        arguments: [
            ("GET", "transport=polling", 5), ("GET", "EIO=3&transport=polling", 5),
            ("GET", "EIO=abc&transport=polling", 5), ("GET", "EIO=4", 0), ("GET", "EIO=4&transport=abc", 0),
            ("GET", "EIO=3&transport=abc", 0), ("POST", "EIO=4&transport=polling", 2),
            ("PUT", "EIO=4&transport=polling", 2), ("POST", "EIO=3&transport=polling", 2),
            ("GET", "EIO=4&transport=polling&sid=zzz", 1), ("POST", "transport=polling&sid=zzz", 1),
            ("GET", "EIO=4&transport=websocket", 3), ("GET", "EIO=4&transport=polling&j=0", 3),
            ("GET", "EIO=4&transport=polling&j=0&sid=zzz", 3),
        ]
    )
    func `a request is refused by the first check that fails`(method: String, query: String, code: Int) async throws {
        let messages = [
            "Transport unknown", "Session ID unknown", "Bad handshake method", "Bad request", "Forbidden",
            "Unsupported protocol version",
        ]
        try await EngineBench.run { bench in
            let reply = try await bench.send(method, query, method == "GET" ? nil : "x")
            #expect(reply.status == 400)
            #expect(reply.body == #"{"code":\#(code),"message":"\#(messages[code])"}"#)
            #expect(reply["content-type"] == "application/json")
            #expect(reply["access-control-allow-origin"] == "*")
        }
    }

    @Test(
        arguments: [
            ("EIO=4", "Transport unknown"), ("EIO=4&transport=abc", "Transport unknown"),
            ("EIO=4&transport=websocket&sid=zz", "Session ID unknown"),
            ("EIO=3&transport=websocket", "Unsupported protocol version"),
            ("transport=websocket", "Unsupported protocol version"), ("EIO=4&transport=polling", "Bad request"),
        ]
    )
    func `a request for a WebSocket is refused in bare words`(query: String, message: String) async throws {
        try await EngineBench.run { bench in
            let refused = await #expect(throws: WireClient.Refused.self) { try await bench.webSocket(query) { _ in } }
            let reply = WireReply(text: refused?.response ?? "")
            #expect(reply.status == 400)
            #expect(reply["content-type"] == "text/html")
            #expect(reply["connection"] == "close")
            #expect(reply.body == message)
        }
    }

    @Test func `a forged session id is unknown, and so is one of another node`() async throws {
        try await EngineBench.run { bench in
            let query = try await bench.open()
            let forged = query.dropLast(2) + (query.hasSuffix("AA") ? "BB" : "AA")
            let reply = try await bench.send("GET", String(forged))
            #expect(reply.body == #"{"code":1,"message":"Session ID unknown"}"#)
            let other = try await EngineBench.run { try await $0.open() }
            #expect(try await bench.send("GET", other).body == #"{"code":1,"message":"Session ID unknown"}"#)
        }
    }

    @Test func `browsers may ask from anywhere`() async throws {
        try await EngineBench.run { bench in
            let reply = try await bench.send(
                "OPTIONS",
                "EIO=4&transport=polling",
                headers: "Origin: http://a.example\r\nAccess-Control-Request-Headers: x-a\r\n"
            )
            #expect(reply.status == 204)
            #expect(reply["access-control-allow-methods"] == "GET,HEAD,PUT,PATCH,POST,DELETE")
            #expect(reply["vary"] == "Access-Control-Request-Headers")
            #expect(reply["access-control-allow-headers"] == "x-a")
            #expect(reply["access-control-allow-origin"] == "*")
            #expect(reply["access-control-allow-credentials"] == nil)
        }
    }

    @Test func `a page that may not connect is forbidden to, by either transport`() async throws {
        try await EngineBench.run(origins: .only(["http://a.example"])) { bench in
            let (good, bad) = ("Origin: http://a.example\r\n", "Origin: http://b.example\r\n")
            let allowed = try await bench.send("GET", "EIO=4&transport=polling", headers: good)
            #expect(allowed.status == 200)
            #expect(allowed["access-control-allow-origin"] == "http://a.example")
            #expect(allowed["vary"] == "Origin")
            let forbidden = try await bench.send("GET", "EIO=4&transport=polling", headers: bad)
            #expect(forbidden.status == 403)
            #expect(forbidden.body == #"{"code":4,"message":"Forbidden"}"#)
            #expect(forbidden["access-control-allow-origin"] == nil)
            let refused = await #expect(throws: WireClient.Refused.self) {
                try await WireClient.withWebSocket(
                    port: bench.server.port,
                    bench.target("EIO=4&transport=websocket"),
                    headers: bad
                ) { _ in }
            }
            #expect(WireReply(text: refused?.response ?? "").status == 403)
        }
    }

    @Test func `there are no more polling sessions than may be`() async throws {
        try await EngineBench.run(EngineOptions(pollingSessions: 1)) { bench in
            let query = try await bench.open()
            #expect(try await bench.send("GET", "EIO=4&transport=polling").status == 503)
            #expect(try await bench.send("POST", query, "1").body == "ok")
            #expect(try await bench.send("GET", "EIO=4&transport=polling").status == 200)
        }
    }
}
