import EngineIO
import RealtimeHTTP
import RealtimeTesting
import Testing

/// Items 5 and 6: payloads, and what ends a session.
struct PollingTests {
    private static let unknown = #"{"code":1,"message":"Session ID unknown"}"#

    @Test(arguments: ["4hello", "4test1\u{1E}4test2\u{1E}4test3", "4hello\u{1E}bAQIDBA==", "4é\u{1E}4"])
    func `packets come back as they went`(payload: String) async throws {
        try await EngineBench.run { bench in
            let query = try await bench.open()
            let posted = try await bench.send("POST", query, payload)
            #expect(posted.status == 200)
            #expect(posted.body == "ok")
            #expect(posted["content-type"] == "text/html")
            let polled = try await bench.send("GET", query)
            #expect(polled.status == 200)
            #expect(polled.body == payload)
            #expect(polled["content-type"] == "text/plain; charset=UTF-8")
            #expect(polled["cache-control"] == "no-store")
        }
    }

    @Test(arguments: ["abc", "", "4a\u{1E}", "4a\u{1E}9\u{1E}4b", "b***", "2", "7"])
    func `a packet that is none ends the session, and is answered all the same`(payload: String) async throws {
        try await EngineBench.run { bench in
            let query = try await bench.open()
            #expect(try await bench.send("POST", query, payload).body == "ok")
            let reply = try await bench.send("GET", query)
            #expect(reply.status == 400)
            #expect(reply.body == Self.unknown)
            let reason = await bench.records.nextReason()
            #expect(reason == (payload == "2" ? .transportError : .parseError))
        }
    }

    @Test func `packets that mean nothing from a client are passed over`() async throws {
        try await EngineBench.run { bench in
            let query = try await bench.open()
            #expect(try await bench.send("POST", query, "6\u{1E}5\u{1E}0\u{1E}3\u{1E}4a").body == "ok")
            #expect(try await bench.send("GET", query).body == "4a")
        }
    }

    @Test func `a second poll ends both, and the session`() async throws {
        try await EngineBench.run { bench in
            let query = try await bench.open()
            async let first = bench.send("GET", query)
            try await bench.untilPolled()
            let second = try await bench.send("GET", query)
            #expect(second.status == 400)
            #expect(second.body == "")
            let answered = try await first
            #expect(answered.status == 200)
            #expect(answered.body == "1")
            #expect(try await bench.send("GET", query).body == Self.unknown)
            #expect(await bench.records.nextReason() == .transportError)
        }
    }

    @Test func `a second POST before the first is done ends the session`() async throws {
        try await EngineBench.run { bench in
            let query = try await bench.open()
            try await WireClient.withConnection(port: bench.server.port) { slow in
                let head =
                    "POST \(bench.target(query)) HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n4"
                try await slow.send(bytes: Array(head.utf8))
                try await bench.untilPosting()
                let second = try await bench.send("POST", query, "4b")
                #expect(second.status == 400)
                #expect(second.body == "")
            }
            #expect(try await bench.send("GET", query).body == Self.unknown)
        }
    }

    @Test func `a poll whose client goes ends the session`() async throws {
        try await EngineBench.run(loops: 2) { bench in
            let query = try await bench.open()
            try await WireClient.withConnection(port: bench.server.port) { client in
                try await client.send(bytes: Array("GET \(bench.target(query)) HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
                try await bench.untilPolled()
            }
            #expect(await bench.records.nextReason() == .transportClose)
            #expect(try await bench.send("GET", query).body == Self.unknown)
        }
    }

    @Test func `a poll behind other requests is answered, and ends the session if its client goes`() async throws {
        try await EngineBench.run(loops: 2) { bench in
            let query = try await bench.open()
            let poll = "GET \(bench.target(query)) HTTP/1.1\r\nHost: a\r\n\r\n"
            for isTaken in [true, false] {
                try await WireClient.withConnection(port: bench.server.port) { client in
                    let hello = try await client.send("GET", "/hello")
                    #expect(hello.body == "hello")
                    try await client.send(bytes: Array(poll.utf8))
                    try await bench.untilPolled()
                    guard isTaken else { return }
                    bench.publish("a")
                    #expect(WireReply(text: await client.response()).body == "4a")
                }
            }
            #expect(await bench.records.nextReason() == .transportClose)
        }
    }

    @Test func `a request with packets that stops in the midst ends the session`() async throws {
        try await EngineBench.run(loops: 2) { bench in
            let query = try await bench.open()
            try await WireClient.withConnection(port: bench.server.port) { client in
                let head = "POST \(bench.target(query)) HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n4a"
                try await client.send(bytes: Array(head.utf8))
                try await bench.untilPosting()
            }
            #expect(await bench.records.nextReason() == .transportError)
            #expect(try await bench.send("GET", query).body == Self.unknown)
        }
    }

    @Test func `a stop answers the polls that wait`() async throws {
        try await EngineBench.run(loops: 2) { bench in
            let query = try await bench.open()
            let poll = Task { try await bench.send("GET", query) }
            try await bench.untilPolled()
            await bench.server.beginShutdown()
            let reply = try await poll.value
            #expect(reply.body == Self.unknown)
            #expect(reply["connection"] == "close")
            await bench.server.waitUntilStopped()
        }
    }

    @Test func `polls go on over one connection`() async throws {
        try await EngineBench.run { bench in
            let query = try await bench.open()
            try await WireClient.withConnection(port: bench.server.port) { client in
                for text in ["4a", "4b", "4c"] {
                    let posted = try await client.send("POST", bench.target(query), text)
                    #expect(posted.body == "ok")
                    let polled = try await client.send("GET", bench.target(query))
                    #expect(polled.body == text)
                }
            }
        }
    }

    @Test func `a client that says that it goes has its poll answered`() async throws {
        try await EngineBench.run { bench in
            let query = try await bench.open()
            async let poll = bench.send("GET", query)
            try await bench.untilPolled()
            #expect(try await bench.send("POST", query, "1").body == "ok")
            let polled = try await poll
            #expect(polled.body == "6")
            #expect(try await bench.send("GET", query).body == Self.unknown)
            #expect(bench.engine.pollingCount == 0)
        }
    }

    @Test func `what a session says last waits for the next poll`() async throws {
        try await EngineBench.run { bench in
            let query = try await bench.open()
            #expect(try await bench.send("POST", query, "4close!").body == "ok")
            #expect(await bench.records.nextReason() == .forcedClose)
            #expect(try await bench.send("GET", query).body == "4close!\u{1E}1")
            #expect(try await bench.send("GET", query).body == Self.unknown)
            #expect(bench.engine.pollingCount == 0)
        }
    }

    @Test func `a poll that waits takes what a session says last, and so do those that follow`() async throws {
        try await EngineBench.run { bench in
            let query = try await bench.open()
            async let poll = bench.send("GET", query)
            try await bench.untilPolled()
            #expect(try await bench.send("POST", query, "4burst!").body == "ok")
            #expect(await bench.records.nextReason() == .forcedClose)
            var packets = try await poll.body.split(separator: "\u{1E}").map(String.init)
            while packets.last != "1" {
                let reply = try await bench.send("GET", query)
                guard reply.status == 200 else { break }
                packets += reply.body.split(separator: "\u{1E}").map(String.init)
            }
            #expect(packets == ["4burst!"] + (1..<40).map { "4\($0)" } + ["1"])
            #expect(try await bench.send("GET", query).body == Self.unknown)
            #expect(bench.engine.pollingCount == 0)
        }
    }

    @Test func `requests of other kinds are refused`() async throws {
        try await EngineBench.run(EngineOptions(maxPayload: 50)) { bench in
            let query = try await bench.open()
            #expect(try await bench.send("PUT", query, "x").status == 500)
            let large = try await bench.send("POST", query, "4" + String(repeating: "x", count: 50))
            #expect(large.status == 413)
            #expect(large.body == "")
            #expect(try await bench.send("POST", query, "4fits").body == "ok")
            #expect(try await bench.send("GET", query).body == "4fits")
            let websocket = query.replacing("polling", with: "websocket")
            #expect(try await bench.send("GET", websocket).body == #"{"code":3,"message":"Bad request"}"#)
            let bytes = try await bench.send("POST", query, "4a", headers: "Content-Type: application/octet-stream\r\n")
            #expect(bytes.status == 400)
            #expect(try await bench.send("GET", query).body == Self.unknown)
        }
    }

    @Test func `a session may end in its own time`() async throws {
        try await EngineBench.run { bench in
            let query = try await bench.open()
            #expect(try await bench.send("POST", query, "4deadline!").body == "ok")
            #expect(await bench.records.nextReason() == .forcedClose)
        }
    }
}
