import NIOCore
import RealtimeHTTP
import RealtimeTesting
import SocketIO
import Testing

/// Item 6: clients that lose their connections come back for what they have missed.
struct RecoveryTests: ReturningClient {
    @Test(arguments: [1, 3])
    func `what was missed comes before the CONNECT, and then what follows`(loops: Int) async throws {
        try await SocketBench.run(loops: loops, recovery: RecoveryLog()) { bench in
            var place = try await lose(bench)
            for number in 1...3 { bench.publish("room:1", "n", .text("\(number)")) }
            bench.publish("room:1", "bytes", .binary(ByteBuffer(bytes: [7])))
            bench.publish("room:2", "n", .text("99"))
            bench.server.hub.publish(TopicEvent(topic: "room:1", name: "n", content: .text("98"), policy: .mayDrop))
            try await bench.connection { client in
                try await client.send("40/busy,\(place.claim)")
                for number in 1...3 { #expect(read(await client.next(), &place) == ["n", "\(number)"]) }
                #expect("\(await client.next())".hasPrefix(#"451-/busy,["bytes",{"_placeholder":true,"num":0},""#))
                #expect(await client.next() == .binary([7]))
                #expect(await client.next() == .text(place.greeting))
                #expect(read(await client.next(), &place) == ["resumed", "1"])
                bench.publish("room:1", "n", .text("4"))
                #expect(read(await client.next(), &place) == ["n", "4"])
            }
        }
    }

    @Test func `where an event stands may follow it, so that handlers get no argument that they do not know`()
        async throws
    {
        try await SocketBench.run(recovery: RecoveryLog(), offsets: .event("offset")) { bench in
            func offset(_ client: WireClient) async throws -> String {
                let text = "\(await client.next())"
                #expect(text.hasPrefix(#"42/busy,["offset",""#))
                return String(text.dropFirst(#"42/busy,["offset",""#.count).dropLast(2))
            }
            let (greeting, place) = try await bench.connection { client in
                try await client.send("40/busy,")
                let greeting = "\(await client.next())"
                #expect(await client.next() == .text(#"42/busy,["hello","a b","/busy"]"#))
                _ = try await offset(client)
                try await join(client, "room:1")
                bench.publish("room:1", "n", .text("1"))
                bench.publish("room:1", "bytes", .binary(ByteBuffer(bytes: [7])))
                #expect(await client.next() == .text(#"42/busy,["n",1]"#))
                let place = try await offset(client)
                #expect(await client.next() == .text(#"451-/busy,["bytes",{"_placeholder":true,"num":0}]"#))
                #expect(await client.next() == .binary([7]))
                _ = try await offset(client)
                return (greeting, place)
            }
            let pid = greeting.split(separator: "\"")[7]
            try await bench.connection { client in
                try await client.send(#"40/busy,{"pid":"\#(pid)","offset":"\#(place)"}"#)
                #expect("\(await client.next())".hasPrefix(#"451-/busy,["bytes","#))
                #expect(await client.next() == .binary([7]))
                _ = try await offset(client)
                #expect("\(await client.next())" == greeting)
            }
        }
    }

    @Test func `an event to one client alone is among what is missed`() async throws {
        try await SocketBench.run(recovery: RecoveryLog()) { bench in
            let place = try await lose(bench, saying: #"42/busy,["first"]"#)
            bench.publish("room:1", "n", .text("1"))
            try await bench.connection { client in
                var back = place
                try await client.send("40/busy,\(place.claim)")
                #expect(read(await client.next(), &back) == ["unknown", "first"])
                #expect(read(await client.next(), &back) == ["n", "1"])
                #expect(await client.next() == .text(place.greeting))
            }
        }
    }

    @Test(arguments: [
        #"{"pid":"nobody","offset":"OFFSET"}"#, #"{"pid":"PID"}"#, #"{"pid":"PID","offset":"zzz"}"#,
        #"{"pid":"PID","offset":"OFFSET","refuse":true}"#, #"{"pid":"PID","offset":"________________"}"#,
        #"{"pid":1,"offset":2}"#,
    ])
    func `who cannot be helped begins anew, and is told nothing`(claim: String) async throws {
        try await SocketBench.run(recovery: RecoveryLog()) { bench in
            let place = try await lose(bench)
            bench.publish("room:1", "n", .text("1"))
            let auth = claim.replacing("PID", with: place.pid).replacing("OFFSET", with: place.offset)
            try await bench.connection { client in
                try await client.send("40/busy,\(auth)")
                let greeting = "\(await client.next())"
                #expect(greeting.hasPrefix(#"40/busy,{"sid":""#))
                #expect(!greeting.contains(place.sid) && !greeting.contains(place.pid))
                var fresh = place
                #expect(read(await client.next(), &fresh) == ["hello", "a b", "/busy"])
            }
        }
    }

    @Test(arguments: [
        "41/busy,", #"42/busy,["disconnect-me"]"#, #"42/busy,["close-me"]"#, #"42/busy,["kick-me"]"#, "4abc",
    ])
    func `whoever goes, or is sent away, does not come back as the same`(last: String) async throws {
        try await SocketBench.run(recovery: RecoveryLog()) { bench in
            let place = try await lose(bench, saying: last)
            try await bench.connection { client in
                try await client.send("40/busy,\(place.claim)")
                let greeting = "\(await client.next())"
                #expect(greeting.hasPrefix("40/busy,") && greeting != place.greeting)
            }
            #expect(bench.server.hub.recovery.last > .zero)
        }
    }

    @Test func `a client that is lost while it comes back gives up what it took for that, and may come later`()
        async throws
    {
        try await SocketBench.run(recovery: RecoveryLog()) { bench in
            var place = try await lose(bench)
            try await bench.connected("/busy") { witness in
                try await join(witness, "reasons:1")
                try await bench.connection { client in
                    try await client.send(#"40/busy,\#(place.claim.dropLast()),"late":1}"#)
                }
                #expect("\(await witness.next())".contains("failed"))
            }
            bench.publish("room:1", "n", .text("1"))
            try await bench.connection { client in
                try await client.send("40/busy,\(place.claim)")
                let greeting = place.greeting
                #expect(read(await client.next(), &place) == ["n", "1"])
                #expect(await client.next() == .text(greeting))
            }
        }
    }

    @Test func `a client that was away for longer, or for more, begins anew`() async throws {
        let logs = [RecoveryLog(window: .milliseconds(1)), RecoveryLog(bytes: 600)]
        for log in logs {
            try await SocketBench.run(recovery: log) { bench in
                let place = try await lose(bench)
                for number in 1...10 { bench.publish("room:1", "n", .text("\(number)")) }
                try await bench.connection { client in
                    try await client.send("40/busy,\(place.claim)")
                    #expect("\(await client.next())".hasPrefix(#"40/busy,{"sid":""#))
                }
            }
        }
    }

    @Test(arguments: [1, 4])
    func `a client that loses its connection again and again gets each event once and in order`(loops: Int) async throws
    {
        let count = 4000
        let seen = try await SocketBench.run(loops: loops, recovery: RecoveryLog()) { bench in
            var place = try await lose(bench)
            let publishing = Task {
                for number in 1...count {
                    bench.publish("room:1", "n", .text("\(number)"))
                    if number % 4 == 0 { await Task.yield() }
                }
            }
            var seen: [String] = []
            while seen.last != "\(count)" {
                let before = place
                try await bench.connection { client in
                    try await client.send("40/busy,\(place.claim)")
                    var hasGreeted = false
                    for _ in 0..<200 where seen.last != "\(count)" {
                        let received = await client.next()
                        hasGreeted = hasGreeted || received == .text(before.greeting)
                        let event = read(received, &place)
                        if event.first == "n" { seen.append(event[1]) }
                    }
                    while !hasGreeted {
                        let received = await client.next()
                        guard received != .end else { break }
                        hasGreeted = received == .text(before.greeting)
                        let event = read(received, &place)
                        if event.first == "n" { seen.append(event[1]) }
                    }
                    #expect(hasGreeted)
                }
                try await bench.untilLost()
                guard seen.count <= count else { break }
            }
            await publishing.value
            return seen
        }
        let isWhole = seen == (1...count).map(String.init)
        #expect(isWhole)
    }
}
