import EngineIO
import Foundation
import RealtimeTesting
import SocketIO
import Testing

/// Items 1, 2, 7 and 9 of what is known of Socket.IO's wire.
@Suite(.timeLimit(.minutes(1)))
struct ConnectTests {
    private func sid(_ received: WireClient.Received, _ prefix: String) throws -> String {
        let text = "\(received)"
        #expect(text.hasPrefix(prefix))
        let object = try JSONSerialization.jsonObject(with: Data(text.dropFirst(prefix.count).utf8)) as? [String: Any]
        #expect(object?.count == 1)
        return object?["sid"] as? String ?? ""
    }

    @Test(
        arguments: [
            ("40", "40", #"42["auth",{}]"#), (#"40{"token":"123"}"#, "40", #"42["auth",{"token":"123"}]"#),
            ("40/custom,", "40/custom,", #"42/custom,["auth",{}]"#),
            ("40/custom", "40/custom,", #"42/custom,["auth",{}]"#),
            (#"40/custom,{"token":"abc"}"#, "40/custom,", #"42/custom,["auth",{"token":"abc"}]"#),
            ("40/any-thing", "40/any-thing,", #"42/any-thing,["auth",{}]"#), ("40/,", "40", #"42["auth",{}]"#),
        ]
    )
    func `a client connects to a namespace`(packet: String, prefix: String, event: String) async throws {
        try await SocketBench.run { bench in
            try await bench.connection { client in
                try await client.send(packet)
                let sid = try sid(await client.next(), prefix)
                #expect(sid.utf8.count == 20)
                #expect(await client.next() == .text(event))
            }
        }
    }

    @Test(
        arguments: [
            ("40/nope,", #"44/nope,{"message":"Invalid namespace"}"#),
            ("40/random", #"44/random,{"message":"Invalid namespace"}"#),
            ("40/denied,", #"44/denied,{"message":"not authorized","data":{"code":401}}"#),
            (#"40/denied,{"later":true}"#, #"44/denied,{"message":"not \"authorized\"","data":{"code":401}}"#),
            (#"40/denied,{"fails":true}"#, #"44/denied,{"message":"Internal server error"}"#),
        ]
    )
    func `who is refused stays connected`(packet: String, answer: String) async throws {
        try await SocketBench.run { bench in
            try await bench.connection { client in
                for _ in 0..<2 {
                    try await client.send(packet)
                    #expect(await client.next() == .text(answer))
                }
                try await client.send("40")
                _ = try sid(await client.next(), "40")
            }
        }
    }

    @Test func `what comes while a client waits to be let in is handled after it`() async throws {
        try await SocketBench.run { bench in
            try await bench.connection { client in
                for packet in ["40/busy,", #"42/busy,["x"]"#, "40", #"42["message",1]"#] {
                    try await client.send(packet)
                }
                _ = try sid(await client.next(), "40/busy,")
                #expect(await client.next() == .text(#"42/busy,["hello","a b","/busy"]"#))
                #expect(await client.next() == .text(#"42/busy,["unknown","x"]"#))
                _ = try sid(await client.next(), "40")
                #expect(await client.next() == .text(#"42["auth",{}]"#))
                #expect(await client.next() == .text(#"42["message-back",1]"#))
            }
        }
    }

    @Test(arguments: [
        #"42["x"]"#, "41", "43[]", "44{}", "4", "4abc", #"40"x""#, "40[]", "40null", "40{", "40{}x", "49",
    ])
    func `whoever says anything else first is closed`(packet: String) async throws {
        try await SocketBench.run { bench in
            try await bench.connection { client in
                try await client.send(packet)
                #expect(await client.next() == .close(nil, ""))
            }
        }
    }

    @Test func `who is connected to nothing for too long is closed`() async throws {
        try await SocketBench.run(options: EngineOptions()) { bench in
            try await bench.connection { client in
                try await bench.pass(.seconds(46))
                #expect(await client.next() == .close(nil, ""))
            }
            try await bench.connected { client in
                try await bench.pass(.seconds(92))
                #expect(await client.next() == .text("2"))
                for packet in ["3", "41", "40/nope,"] { try await client.send(packet) }
                #expect(await client.next() == .text(#"44/nope,{"message":"Invalid namespace"}"#))
                try await bench.pass(.seconds(138))
                #expect(await client.next() == .close(nil, ""))
            }
        }
    }

    @Test func `who comes and goes again and again is closed`() async throws {
        try await SocketBench.run { bench in
            try await bench.connection { client in
                for _ in 0..<10 {
                    try await client.send("40")
                    _ = try sid(await client.next(), "40")
                    _ = await client.next()
                    try await client.send("41")
                }
                try await client.send("40")
                #expect(await client.next() == .close(nil, ""))
            }
        }
    }

    @Test func `a second CONNECT closes the connection`() async throws {
        try await SocketBench.run { bench in
            try await bench.connected { client in
                try await client.send("40/custom,")
                _ = try sid(await client.next(), "40/custom,")
                _ = await client.next()
                try await client.send("41/custom,")
                try await client.send("40/custom,")
                _ = try sid(await client.next(), "40/custom,")
                _ = await client.next()
                try await client.send("40")
                #expect(await client.next() == .close(nil, ""))
            }
        }
    }

    @Test func `a client leaves one namespace and keeps the other`() async throws {
        try await SocketBench.run { bench in
            try await bench.connected { client in
                try await client.send("40/custom")
                _ = await client.next()
                _ = await client.next()
                try await client.send("41/custom")
                try await client.send(#"42["message","message to main namespace"]"#)
                #expect(await client.next() == .text(#"42["message-back","message to main namespace"]"#))
                try await client.send(#"42/custom,["x"]"#)
                #expect(await client.next() == .close(nil, ""))
            }
        }
    }

    @Test func `a client is in no more namespaces than may be`() async throws {
        try await SocketBench.run(limits: SocketLimits(namespaces: 3)) { bench in
            try await bench.connection { client in
                for number in 0..<3 {
                    try await client.send("40/any-\(number),")
                    _ = try sid(await client.next(), "40/any-\(number),")
                    _ = await client.next()
                }
                for number in 3..<1000 {
                    try await client.send("40/any-\(number),")
                    #expect(await client.next() == .text(#"44/any-\#(number),{"message":"Too many namespaces"}"#))
                }
                try await client.send("41/any-0,")
                try await client.send("40/any-3,")
                _ = try sid(await client.next(), "40/any-3,")
            }
        }
    }

    @Test func `the server disconnects from a namespace, and overlooks what was on its way`() async throws {
        try await SocketBench.run { bench in
            try await bench.connected("/busy") { client in
                try await client.send(#"42/busy,["disconnect-me"]"#)
                try await client.send(#"42/busy,["x"]"#)
                #expect(await client.next() == .text("41/busy,"))
                try await client.send("40/busy,")
                _ = try sid(await client.next(), "40/busy,")
                #expect(await client.next() == .text(#"42/busy,["hello","a b","/busy"]"#))
            }
        }
    }

    @Test func `the server closes the connection`() async throws {
        try await SocketBench.run { bench in
            try await bench.connected("/busy") { client in
                try await client.send(#"42/busy,["close-me"]"#)
                #expect(await client.next() == .text("41/busy,"))
                #expect(await client.next() == .close(nil, ""))
            }
        }
    }

    @Test(
        arguments: [
            ("41/busy,", "client namespace disconnect"), (#"42/busy,["disconnect-me"]"#, "server namespace disconnect"),
            ("xyz", "forced close"), ("1", "transport close"),
        ]
    )
    func `a handler is told why its client is gone`(packet: String, reason: String) async throws {
        try await SocketBench.run { bench in
            try await bench.connected("/busy") { witness in
                try await witness.send(#"42/busy,1["join","reasons:1"]"#)
                #expect(await witness.next() == .text("43/busy,1[1]"))
                try await bench.connected("/busy") { client in
                    try await client.send(packet == "xyz" ? "4abc" : packet)
                    #expect(await witness.next() == .text(#"42/busy,["gone","\#(reason)"]"#))
                }
            }
        }
    }
}
