import RealtimeHTTP
import RealtimeTesting
import Testing

@testable import EngineIO

/// Item 7: from polling to a WebSocket.
struct UpgradeTests {
    private static let badRequest = #"{"code":3,"message":"Bad request"}"#

    private func upgrade(_ query: String) -> String { query.replacing("polling", with: "websocket") }

    @Test(arguments: [1, 4])
    func `a session goes over and is not to be polled any more`(loops: Int) async throws {
        try await EngineBench.run(loops: loops) { bench in
            let query = try await bench.open()
            try await bench.webSocket(upgrade(query)) { client in
                try await client.send("2probe")
                #expect(await client.next() == .text("3probe"))
                #expect(try await bench.send("GET", query).body == "6")
                try await client.send("5")
                try await client.send("4hello")
                #expect(await client.next() == .text("4hello"))
                #expect(try await bench.send("GET", query).body == Self.badRequest)
                #expect(try await bench.send("POST", query, "4a").body == Self.badRequest)
                #expect(bench.engine.pollingCount == 0)
                try await client.send(binary: [9])
                #expect(await client.next() == .binary([9]))
            }
            #expect(await bench.records.nextReason() == .transportClose)
            #expect(try await bench.send("GET", query).body == #"{"code":1,"message":"Session ID unknown"}"#)
        }
    }

    @Test(arguments: [1, 4])
    func `a client with one connection may go over, too`(loops: Int) async throws {
        try await EngineBench.run(loops: loops) { bench in
            try await WireClient.withConnection(port: bench.server.port) { client in
                let opened = try await client.send("GET", bench.target("EIO=4&transport=polling"))
                #expect(opened["connection"] == nil)
                let query = "EIO=4&transport=polling&sid=\(try bench.sid(in: opened.body))"
                let posted = try await client.send("POST", bench.target(query), "4a")
                #expect(posted.body == "ok")
                let response = try await client.request(WireClient.upgrade(bench.target(upgrade(query))))
                #expect(response.hasPrefix("HTTP/1.1 101 "))
                try await client.send("2probe")
                #expect(await client.next() == .text("3probe"))
                try await client.send("5")
                #expect(await client.next() == .text("4a"))
            }
        }
    }

    @Test func `a poll that waits ends as soon as the WebSocket has probed`() async throws {
        try await EngineBench.run { bench in
            let query = try await bench.open()
            let poll = Task { try await bench.send("GET", query) }
            try await bench.untilPolled()
            try await bench.webSocket(upgrade(query)) { client in
                try await client.send("2probe")
                #expect(await client.next() == .text("3probe"))
                let polled = try await poll.value
                #expect(polled.body == "6")
            }
        }
    }

    @Test func `what waited for a poll comes over the WebSocket, in order`() async throws {
        try await EngineBench.run { bench in
            let query = try await bench.open()
            try await bench.webSocket(upgrade(query)) { client in
                try await client.send("2probe")
                _ = await client.next()
                #expect(try await bench.send("POST", query, "4a\u{1E}bAQI=\u{1E}4b").body == "ok")
                try await client.send("5")
                try await client.send("4c")
                #expect(await client.next() == .text("4a"))
                #expect(await client.next() == .binary([1, 2]))
                #expect(await client.next() == .text("4b"))
                #expect(await client.next() == .text("4c"))
            }
        }
    }

    @Test(arguments: [1, 4])
    func `a burst published while the session goes over comes once and in order`(loops: Int) async throws {
        let count = 3000
        // No ping comes between them, however busy the machine is.
        try await EngineBench.run(EngineOptions(pingInterval: .seconds(600)), loops: loops) { bench in
            let query = try await bench.open()
            let polled = try await bench.webSocket(upgrade(query)) { client in
                async let publishing: Void = {
                    for number in 0..<count {
                        bench.publish("\(number)")
                        if number % 10 == 0 { await Task.yield() }
                    }
                }()
                var seen = try await bench.send("GET", query).body.split(separator: "\u{1E}").map(String.init)
                try await client.send("2probe")
                #expect(await client.next() == .text("3probe"))
                seen += try await bench.send("GET", query).body.split(separator: "\u{1E}").map(String.init)
                try await client.send("5")
                while seen.last != "4\(count - 1)" {
                    guard case .text(let packet) = await client.next() else { break }
                    seen.append(packet)
                }
                await publishing
                return seen.filter { $0 != "6" }
            }
            // Thousands of packets are no message for a failure.
            let isWhole = polled == (0..<count).map { "4\($0)" }
            #expect(isWhole)
        }
    }

    @Test(arguments: ["4hello", "2", "5", "3probe"])
    func `a WebSocket that says anything else is closed, and it alone`(packet: String) async throws {
        try await EngineBench.run { bench in
            let query = try await bench.open()
            try await bench.webSocket(upgrade(query)) { client in
                try await client.send(packet)
                #expect(await client.next() == .close(nil, ""))
            }
            #expect(try await bench.send("POST", query, "4a").body == "ok")
            #expect(try await bench.send("GET", query).body == "4a")
        }
    }

    @Test func `a second WebSocket is closed, before the upgrade and after`() async throws {
        try await EngineBench.run { bench in
            let query = try await bench.open()
            try await bench.webSocket(upgrade(query)) { client in
                try await client.send("2probe")
                _ = await client.next()
                try await bench.webSocket(upgrade(query)) { #expect(await $0.next() == .close(nil, "")) }
                try await client.send("5")
                try await client.send("4a")
                #expect(await client.next() == .text("4a"))
                try await bench.webSocket(upgrade(query)) { #expect(await $0.next() == .close(nil, "")) }
                try await client.send("4b")
                #expect(await client.next() == .text("4b"))
            }
        }
    }

    @Test(arguments: [1, 4])
    func `a WebSocket that does not finish is closed, and another may try`(loops: Int) async throws {
        try await EngineBench.run(loops: loops) { bench in
            let query = try await bench.open()
            try await bench.webSocket(upgrade(query)) { client in
                try await client.send("2probe")
                _ = await client.next()
                try await bench.pass(.seconds(11))
                #expect(await client.next() == .close(nil, ""))
            }
            try await bench.webSocket(upgrade(query)) { client in
                try await client.send("2probe")
                #expect(await client.next() == .text("3probe"))
            }
        }
    }

    @Test(arguments: [1, 4])
    func `pings go on over the WebSocket, and so does the end`(loops: Int) async throws {
        try await EngineBench.run(loops: loops) { bench in
            let query = try await bench.open()
            try await bench.webSocket(upgrade(query)) { client in
                try await client.send("2probe")
                _ = await client.next()
                for packet in ["5", "4over"] { try await client.send(packet) }
                #expect(await client.next() == .text("4over"))
                try await bench.pass(.seconds(26))
                #expect(await client.next() == .text("2"))
                for packet in ["3", "4here"] { try await client.send(packet) }
                #expect(await client.next() == .text("4here"))
                try await bench.pass(.seconds(50))
                #expect(await client.next() == .text("2"))
                try await bench.pass(.seconds(100))
                #expect(await client.next() == .close(nil, ""))
                #expect(await bench.records.nextReason() == .pingTimeout)
            }
        }
    }

    @Test(arguments: [1, 4])
    func `what was brought and not taken yet is taken after the upgrade, in order`(loops: Int) async throws {
        try await EngineBench.run(loops: loops) { bench in
            let query = try await bench.open()
            async let posted = bench.send("POST", query, "4pause!\u{1E}4a\u{1E}4b")
            #expect(try await bench.send("GET", query).body == "4pause!")
            try await bench.webSocket(upgrade(query)) { client in
                try await client.send("2probe")
                #expect(await client.next() == .text("3probe"))
                for packet in ["5", "4c"] { try await client.send(packet) }
                for packet in ["4a", "4b", "4c"] { #expect(await client.next() == .text(packet)) }
            }
            #expect(try await posted.body == "ok")
        }
    }

    @Test func `a request that comes too late for its transport is told so`() async throws {
        try await EngineBench.run { bench in
            let query = try await bench.open()
            try await WireClient.withConnection(port: bench.server.port) { slow in
                let head = "POST \(bench.target(query)) HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n4"
                try await slow.send(bytes: Array(head.utf8))
                try await bench.untilPosting()
                try await bench.webSocket(upgrade(query)) { client in
                    for packet in ["2probe", "5", "4a"] { try await client.send(packet) }
                    #expect(await client.next() == .text("3probe"))
                    #expect(await client.next() == .text("4a"))
                    let answer = try await slow.request("late")
                    #expect(answer.contains(" 400 ") && answer.contains(Self.badRequest))
                }
            }
        }
    }

    @Test func `a client that does not take what waited for it is gone whole`() async throws {
        try await EngineBench.run(limits: ConnectionLimits(outboundBytes: 1000)) { bench in
            let query = try await bench.open()
            let text = String(repeating: "x", count: 1000)
            try await WireClient.withWebSocket(
                port: bench.server.port,
                bench.target(upgrade(query)),
                receiveBuffer: 4096
            ) { client in
                try await client.send("2probe")
                _ = await client.next()
                for _ in 0..<900 { bench.publish(text) }
                try await client.send("5")
                #expect(await bench.records.nextReason() == .transportClose)
            }
            await bench.server.hub.untilEmpty()
            #expect(bench.engine.pollingCount == 0)
            #expect(bench.engine.sessions.all.isEmpty)
            #expect(bench.server.hub.topicCount == 0)
        }
    }
}
