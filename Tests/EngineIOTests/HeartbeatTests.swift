import EngineIO
import RealtimeHTTP
import RealtimeTesting
import Testing

/// Item 4: the server pings.
struct HeartbeatTests {
    private static let fast = EngineOptions(pingInterval: .milliseconds(60), pingTimeout: .milliseconds(60))
    private static let patient = EngineOptions(pingInterval: .milliseconds(40), pingTimeout: .seconds(20))

    @Test func `a polling client is pinged again and again`() async throws {
        try await EngineBench.run(Self.patient) { bench in
            let query = try await bench.open()
            for _ in 0..<3 {
                #expect(try await bench.send("GET", query).body == "2")
                #expect(try await bench.send("POST", query, "3").body == "ok")
            }
        }
    }

    @Test func `a WebSocket is pinged again and again`() async throws {
        try await EngineBench.run(Self.patient) { bench in
            try await bench.webSocket { client in
                _ = await client.next()
                for _ in 0..<3 {
                    #expect(await client.next() == .text("2"))
                    try await client.send("3")
                }
            }
        }
    }

    @Test func `a polling client that does not answer is gone`() async throws {
        try await EngineBench.run(Self.fast) { bench in
            let query = try await bench.open()
            #expect(await bench.records.nextReason() == .pingTimeout)
            #expect(try await bench.send("GET", query).body == #"{"code":1,"message":"Session ID unknown"}"#)
        }
    }

    @Test func `a poll that waits is told that its session ends`() async throws {
        try await EngineBench.run { bench in
            let query = try await bench.open()
            try await bench.pass(.seconds(26))
            #expect(try await bench.send("GET", query).body == "2")
            async let poll = bench.send("GET", query)
            try await bench.untilPolled()
            try await bench.pass(.seconds(60))
            #expect(try await poll.body == "1")
        }
    }

    @Test func `a WebSocket that does not answer is closed without a code`() async throws {
        try await EngineBench.run(Self.fast) { bench in
            try await bench.webSocket { client in
                _ = await client.next()
                #expect(await client.next() == .text("2"))
                #expect(await client.next() == .close(nil, ""))
                #expect(await bench.records.nextReason() == .pingTimeout)
            }
        }
    }

    @Test(arguments: ["2", "1", "abc", "", "xyz", "b***"])
    func `a WebSocket that breaks the rules, or says that it goes, is closed without a code`(
        packet: String
    ) async throws {
        try await EngineBench.run { bench in
            try await bench.webSocket { client in
                _ = await client.next()
                try await client.send(packet)
                #expect(await client.next() == .close(nil, ""))
            }
        }
    }

    @Test func `text, bytes and packets without a meaning`() async throws {
        try await EngineBench.run { bench in
            try await bench.webSocket { client in
                _ = await client.next()
                for packet in ["6", "5", "0", "3", "4hello"] { try await client.send(packet) }
                #expect(await client.next() == .text("4hello"))
                try await client.send(binary: [1, 2, 3, 4])
                #expect(await client.next() == .binary([1, 2, 3, 4]))
                try await client.send("bAQI=")
                #expect(await client.next() == .binary([1, 2]))
            }
            #expect(await bench.records.nextReason() == .transportClose)
        }
    }

    @Test func `a WebSocket message larger than may be closes`() async throws {
        try await EngineBench.run(EngineOptions(maxPayload: 100)) { bench in
            try await bench.webSocket { client in
                _ = await client.next()
                try await client.send("4" + String(repeating: "x", count: 100))
                #expect(await client.next() == .close(1009, "message is too large"))
            }
        }
        try await EngineBench.run { bench in
            try await bench.webSocket { client in
                _ = await client.next()
                let large = "4" + String(repeating: "x", count: 500_000)
                try await client.send(large)
                #expect(await client.next() == .text(large))
            }
        }
    }
}
