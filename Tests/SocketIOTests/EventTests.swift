import EngineIO
import NIOCore
import RealtimeDomain
import RealtimeHTTP
import RealtimeTesting
import SocketIO
import Testing

/// Items 3, 4, 5 and 9: events, answers and attachments.
struct EventTests {
    @Test func `nothing is handled while the application handles none, however much has come`() async throws {
        try await SocketBench.run { bench in
            try await bench.connected("/busy") { client in
                let names = (0..<200).map { "e\($0)" }
                for name in ["pause"] + names { try await client.send(#"42/busy,["\#(name)"]"#) }
                #expect(await client.next() == .text(#"42/busy,["resumes"]"#))
                for name in names { #expect(await client.next() == .text(#"42/busy,["unknown","\#(name)"]"#)) }
            }
        }
    }

    @Test func `a namespace that is left keeps the others waiting no longer`() async throws {
        try await SocketBench.run { bench in
            try await bench.connected("/busy") { client in
                for packet in [#"42/busy,["pause-and-go"]"#, "40/nope,"] { try await client.send(packet) }
                #expect(await client.next() == .text("41/busy,"))
                #expect(await client.next() == .text(#"44/nope,{"message":"Invalid namespace"}"#))
            }
        }
    }

    @Test(
        arguments: [
            (#"42["message",1,"2",{"3":[true]}]"#, #"42["message-back",1,"2",{"3":[true]}]"#),
            (#"42["message"]"#, #"42["message-back"]"#), (#"42[ "message" , 1 ]"#, #"42["message-back",1]"#),
            (#"421["message-with-ack","x"]"#, #"431["x"]"#), (#"420["message-with-ack"]"#, "430[]"),
            (#"42456["message-with-ack",1,"2",{"3":[false]}]"#, #"43456[1,"2",{"3":[false]}]"#),
            (#"42["mess\u0061ge",1]"#, #"42["message-back",1]"#),
            (#"450-["message",1]"#, #"42["message-back",1]"#),
            (#"42/,["message",1]"#, #"42["message-back",1]"#),
        ]
    )
    func `an event is answered`(packet: String, answer: String) async throws {
        try await SocketBench.run { bench in
            try await bench.connected { client in
                try await client.send(packet)
                #expect(await client.next() == .text(answer))
            }
        }
    }

    @Test func `attachments go both ways`() async throws {
        let two = #"{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}"#
        try await SocketBench.run { bench in
            try await bench.connected { client in
                try await client.send(#"452-["message",\#(two)]"#)
                try await client.send(binary: [1, 2, 3])
                try await client.send(binary: [4, 5, 6])
                #expect(await client.next() == .text(#"452-["message-back",\#(two)]"#))
                #expect(await client.next() == .binary([1, 2, 3]))
                #expect(await client.next() == .binary([4, 5, 6]))
                try await client.send(#"452-789["message-with-ack",\#(two)]"#)
                try await client.send(binary: [1])
                try await client.send(binary: [])
                #expect(await client.next() == .text("462-789[\(two)]"))
                #expect(await client.next() == .binary([1]))
                #expect(await client.next() == .binary([]))
                try await client.send(#"451-["message",{"a":[{"num":0,"_placeholder":true}]}]"#)
                try await client.send(binary: [7])
                #expect(await client.next() == .text(#"451-["message-back",{"a":[{"num":0,"_placeholder":true}]}]"#))
                #expect(await client.next() == .binary([7]))
            }
        }
    }

    @Test func `a namespace's attachments come with its name`() async throws {
        try await SocketBench.run { bench in
            try await bench.connected("/busy") { client in
                try await client.send(#"451-/busy,["kind",{"_placeholder":true,"num":0}]"#)
                try await client.send(binary: [1, 2])
                #expect(await client.next() == .text(#"451-/busy,["bytes",2,{"_placeholder":true,"num":0}]"#))
                #expect(await client.next() == .binary([1, 2]))
            }
        }
    }

    @Test(
        arguments: [
            "4abc", "42{}", "49", "44{}", #"44"x""#, #"42["connect"]"#, #"42["connect_error"]"#, #"42["disconnect"]"#,
            #"42["disconnecting"]"#, #"42["newListener"]"#, #"42["removeListener"]"#, #"42abc["message",1]"#, "42[]",
            "42[null]", "42[{}]", "42[true]", #"42["message""#, #"42["message"]x"#, #"42["message",]"#, "43{}", "43x",
            "41{}", #"41"x""#, #"4211["message",1"#, #"42-1["message"]"#, #"421.5["message"]"#,
            #"429999999999999999["message"]"#, #"45["message"]"#, #"45-["message"]"#, #"451["message"]"#,
            #"4511-["message"]"#, #"45999999999-["message"]"#, #"4599999999999-["message"]"#,
            #"451-["message",{"_placeholder":true,"num":1}]"#, #"451-["message",{"_placeholder":true,"num":-1}]"#,
            #"451-["message",{"_placeholder":true,"num":"0"}]"#, #"451-["message",{"_placeholder":true}]"#,
            #"451-["message",[{"\u005fplaceholder":true,"num":7}]]"#, #"42/nope,["message"]"#,
            "42/" + String(repeating: "x", count: 300) + ",[]",
            #"42["message""# + String(repeating: ",1", count: 1000) + "]", "45", "46", "4", "40",
        ]
    )
    func `a packet that breaks the rules closes the connection`(packet: String) async throws {
        try await SocketBench.run { bench in
            try await bench.connected { client in
                try await client.send(packet)
                #expect(await client.next() == .close(nil, ""))
            }
        }
    }

    @Test(arguments: [
        "42", "421", "6", "43", "431", "43999[1]", "43[]", "460-[]", #"42[1,"number"]"#, #"42["nobody"]"#,
    ])
    func `what means nothing is passed over`(packet: String) async throws {
        try await SocketBench.run { bench in
            try await bench.connected { client in
                if packet == "6" { try await client.send("6") } else { try await client.send(packet) }
                try await client.send(#"42["message"]"#)
                #expect(await client.next() == .text(#"42["message-back"]"#))
            }
        }
    }

    @Test func `text among attachments, and attachments of nothing, close the connection`() async throws {
        try await SocketBench.run { bench in
            try await bench.connected { client in
                try await client.send(#"452-["message",1]"#)
                try await client.send(binary: [1])
                try await client.send(#"42["message",1]"#)
                #expect(await client.next() == .close(nil, ""))
            }
            try await bench.connected { client in
                try await client.send(binary: [1])
                #expect(await client.next() == .close(nil, ""))
            }
        }
    }

    @Test func `attachments that do not come, or are too large, close the connection`() async throws {
        let limits = SocketLimits(attachmentBytes: 10, attachmentTimeout: .milliseconds(50))
        try await SocketBench.run(limits: limits) { bench in
            try await bench.connected { client in
                try await client.send(#"452-["message",1]"#)
                #expect(await client.next() == .close(nil, ""))
            }
            try await bench.connected { client in
                try await client.send(#"452-["message",1]"#)
                try await client.send(binary: [UInt8](repeating: 0, count: 6))
                try await client.send(binary: [UInt8](repeating: 0, count: 5))
                #expect(await client.next() == .close(nil, ""))
            }
        }
    }

    @Test func `a client answers, or not in time`() async throws {
        try await SocketBench.run { bench in
            try await bench.connected("/busy") { client in
                try await client.send(#"42/busy,["ask",1]"#)
                #expect(await client.next() == .text(#"42/busy,0["question",1]"#))
                try await client.send(#"451-/busy,["ask",{"_placeholder":true,"num":0}]"#)
                try await client.send(binary: [1])
                #expect(await client.next() == .text(#"42/busy,["unknown","ask"]"#))
                try await client.send(#"461-/busy,0["yes",{"_placeholder":true,"num":0}]"#)
                try await client.send(binary: [5])
                #expect(await client.next() == .text(#"451-/busy,["answered","yes",{"_placeholder":true,"num":0}]"#))
                #expect(await client.next() == .binary([5]))
                try await client.send(#"42/busy,["ask",123456]"#)
                #expect(await client.next() == .text(#"42/busy,1["question",123456]"#))
                #expect(await client.next() == .text(#"42/busy,["unanswered","timeout"]"#))
                try await client.send("43/busy,1[]")
                try await client.send(#"42/busy,["x"]"#)
                #expect(await client.next() == .text(#"42/busy,["unknown","x"]"#))
            }
        }
    }

    @Test func `a client owes no more answers than may be`() async throws {
        try await SocketBench.run(limits: SocketLimits(acknowledgements: 2)) { bench in
            try await bench.connected("/busy") { client in
                for _ in 0..<3 { try await client.send(#"42/busy,["ask",1]"#) }
                #expect(await client.next() == .text(#"42/busy,0["question",1]"#))
                #expect(await client.next() == .text(#"42/busy,1["question",1]"#))
                #expect(await client.next() == .text(#"42/busy,["unanswered","tooMany"]"#))
            }
        }
    }

    @Test func `a flood is handled in order, and others have their turn`() async throws {
        let count = 1000
        try await SocketBench.run(limits: SocketLimits(messagesPerTurn: 8)) { bench in
            try await bench.connected { client in
                var bytes: [UInt8] = []
                for number in 0..<count { bytes += WireClient.frame(0x81, Array(#"42["message",\#(number)]"#.utf8)) }
                try await client.send(bytes: bytes)
                for number in 0..<count {
                    guard await client.next() == .text(#"42["message-back",\#(number)]"#) else {
                        Issue.record("out of order at \(number)")
                        break
                    }
                }
            }
            let packets = ["40"] + (0..<count).map { #"42["message",\#($0)]"# }
            let session = try await bench.pollingSession()
            let posted = try await WireClient.send(
                port: bench.server.port,
                "POST",
                session,
                packets.joined(separator: "\u{1E}")
            )
            #expect(posted.body == "ok")
            var polled: [Substring] = []
            while polled.count < count + 2 {
                let reply = try await WireClient.send(port: bench.server.port, "GET", session)
                let packets = reply.body.split(separator: "\u{1E}")
                guard reply.status == 200, packets.count <= 16 else { break }
                polled += packets
            }
            let isWhole = polled.dropFirst(2).map(String.init) == (0..<count).map { #"42["message-back",\#($0)]"# }
            #expect(isWhole)
        }
    }
}
