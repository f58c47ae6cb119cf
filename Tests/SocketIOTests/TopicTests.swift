import EngineIO
import NIOCore
import RealtimeDomain
import RealtimeHTTP
import RealtimeTesting
import SocketIO
import Testing

/// Events that are published, and who hears them.
struct TopicTests {
    @Test func `members hear what is published on their topics, and nobody else`() async throws {
        try await SocketBench.run(loops: 2) { bench in
            try await bench.connected("/busy") { client in
                try await client.send(#"42/busy,1["join","room:1"]"#)
                #expect(await client.next() == .text("43/busy,1[1]"))
                try await client.send(#"42/busy,2["join","room:1"]"#)
                #expect(await client.next() == .text("43/busy,2[1]"))
                bench.publish("room:2", "other", .text("1"))
                bench.publish("room:1", "said \"it\"", .text(#"{"a":1}"#))
                #expect(await client.next() == .text(#"42/busy,["said \"it\"",{"a":1}]"#))
                bench.publish("room:1", "bytes", .binary(ByteBuffer(bytes: [1, 2])))
                #expect(await client.next() == .text(#"451-/busy,["bytes",{"_placeholder":true,"num":0}]"#))
                #expect(await client.next() == .binary([1, 2]))
                try await client.send(#"42/busy,3["leave","room:1"]"#)
                #expect(await client.next() == .text("43/busy,3[0]"))
                bench.publish("room:1", "late", .text("1"))
                try await client.send(#"42/busy,["x"]"#)
                #expect(await client.next() == .text(#"42/busy,["unknown","x"]"#))
            }
        }
    }

    @Test func `an event is encoded once for all of a namespace and a transport`() async throws {
        let counts = CountingMetrics()
        try await SocketBench.run(metrics: GatewayMetrics(factory: counts)) { bench in
            try await bench.connected("/busy") { one in
                try await bench.connected("/busy") { two in
                    for client in [one, two] {
                        try await client.send(#"42/busy,1["join","room:1"]"#)
                        _ = await client.next()
                    }
                    bench.publish("room:1", "x", .text("1"))
                    #expect(await one.next() == .text(#"42/busy,["x",1]"#))
                    #expect(await two.next() == .text(#"42/busy,["x",1]"#))
                }
            }
            #expect(counts["realtime_encodings.room"] == 1)
        }
    }

    @Test(arguments: [1, 4])
    func `a member that goes over to a WebSocket misses nothing and hears nothing twice`(loops: Int) async throws {
        let count = 1000
        try await SocketBench.run(loops: loops) { bench in
            let session = try await bench.pollingSession()
            let joined = "40/busy,\u{1E}42/busy,1[\"join\",\"room:1\"]"
            #expect(try await WireClient.send(port: bench.server.port, "POST", session, joined).body == "ok")
            var polled = ""
            repeat {
                polled = try await WireClient.send(port: bench.server.port, "GET", session).body
            } while polled.hasPrefix("4") && !polled.hasSuffix("43/busy,1[1]")
            let upgrade = session.replacing("polling", with: "websocket")
            let heard = try await WireClient.withWebSocket(port: bench.server.port, upgrade) { client in
                async let publishing: Void = {
                    for number in 0..<count {
                        bench.publish("room:1", "n", .text("\(number)"))
                        if number % 5 == 0 { await Task.yield() }
                    }
                }()
                try await client.send("2probe")
                #expect(await client.next() == .text("3probe"))
                var heard = try await WireClient.send(port: bench.server.port, "GET", session).body
                    .split(separator: "\u{1E}").map(String.init)
                try await client.send("5")
                while heard.last != #"42/busy,["n",\#(count - 1)]"# {
                    guard case .text(let packet) = await client.next() else { break }
                    heard.append(packet)
                }
                await publishing
                return heard.filter { $0 != "6" }
            }
            // Thousands of packets are no message for a failure.
            let isWhole = heard == (0..<count).map { #"42/busy,["n",\#($0)]"# }
            #expect(isWhole)
        }
    }

    @Test func `who is expelled while it is looked into whether it may come is found to be`() async throws {
        try await SocketBench.run { bench in
            try await bench.connected("/busy") { client in
                try await client.send(#"42/busy,["user","u1"]"#)
                try await client.send(#"42/busy,1["hold","room:1"]"#)
                #expect(await client.next() == .text("43/busy,1[]"))
                try await bench.expel("\"u1\"", from: "room:1")
                try await client.send(#"42/busy,2["revoked","room:1"]"#)
                #expect(await client.next() == .text("43/busy,2[true]"))
            }
        }
    }

    @Test func `who is expelled is told by its handler and hears no more`() async throws {
        try await SocketBench.run { bench in
            try await bench.connected("/busy") { client in
                let key = ConversationKey(.room, "1")
                let topic = Topic.all(of: key).first?.name ?? ""
                try await client.send(#"42/busy,["user","u1"]"#)
                try await client.send(#"42/busy,1["join","\#(topic)"]"#)
                #expect(await client.next() == .text("43/busy,1[1]"))
                await bench.server.hub.expel(from: key, .forGood) { $0.userID == "\"u1\"" }
                #expect(await client.next() == .text(#"42/busy,["expelled","\#(topic)"]"#))
                bench.publish(topic, "late", .text("1"))
                try await client.send(#"42/busy,["x"]"#)
                #expect(await client.next() == .text(#"42/busy,["unknown","x"]"#))
            }
        }
    }
}
