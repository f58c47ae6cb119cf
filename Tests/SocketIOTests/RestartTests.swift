import EngineIO
import NIOCore
import RealtimeHTTP
import RealtimeTesting
import SocketIO
import Synchronization
import Testing

/// Clients that come back to another process than the one that they lost.
struct RestartTests: ReturningClient {
    /// What outlives a process: sessions, and the events of `room:1` by their order.
    final class Vault: SessionVault {
        private struct State {
            var sessions: [String: StoredSession] = [:]
            var events: [(order: UInt64, text: String)] = []
            var isWhole = true
        }

        private let state = Mutex(State())
        private let asked = AsyncStream.makeStream(of: Void.self)
        private let answers = AsyncStream.makeStream(of: Void.self)
        private let isSlow: Bool

        /// - Parameter isSlow: Whether the events that were missed are not had before ``answer()``.
        init(isSlow: Bool = false) { self.isSlow = isSlow }

        func untilAsked() async { for await _ in asked.stream { return } }
        func answer() { answers.continuation.yield() }

        func save(_ session: StoredSession) { state.withLock { $0.sessions[session.pid] = session } }
        func remove(_ pid: String) { state.withLock { _ = $0.sessions.removeValue(forKey: pid) } }
        func load(_ pid: String) async -> StoredSession? { state.withLock { $0.sessions.removeValue(forKey: pid) } }
        func loseEvents() { state.withLock { $0.isWhole = false } }
        func topics(_ pid: String) -> [String]? { state.withLock { $0.sessions[pid]?.topics } }

        func missed(on topics: [String], after order: UInt64) async -> [TopicEvent]? {
            asked.continuation.yield()
            if isSlow { for await _ in answers.stream { break } }
            return state.withLock { state in
                guard state.isWhole else { return nil }
                return state.events.filter { $0.order > order && topics.contains("room:1") }
                    .map { Vault.event($0.order, $0.text) }
            }
        }

        static func event(_ order: UInt64, _ text: String) -> TopicEvent {
            TopicEvent(topic: "room:1", name: "n", content: .text(text), order: order)
        }

        func store(_ order: UInt64, _ text: String) -> TopicEvent {
            state.withLock { $0.events.append((order, text)) }
            return Vault.event(order, text)
        }
    }

    /// A client that was on `room:1` of a process that is gone.
    private func lose(_ vault: Vault) async throws -> Place {
        try await SocketBench.run(recovery: RecoveryLog(after: 100), vault: vault) { bench in
            try await bench.connection { client in
                var place = try await connect(client)
                try await join(client, "room:1")
                bench.server.hub.publish(vault.store(101, "0"))
                #expect(read(await client.next(), &place) == ["n", "0"])
                return place
            }
        }
    }

    @Test(arguments: [1, 3])
    func `what is stored meanwhile is told, and what is published follows`(loops: Int) async throws {
        let vault = Vault()
        var place = try await lose(vault)
        #expect(vault.topics(place.pid) == ["room:1"])
        _ = vault.store(102, "1")
        _ = vault.store(103, "2")
        try await SocketBench.run(loops: loops, recovery: RecoveryLog(after: 103), vault: vault) { bench in
            try await bench.connection { client in
                try await client.send("40/busy,\(place.claim)")
                try await client.send(#"42/busy,["room"]"#)
                #expect(read(await client.next(), &place) == ["n", "1"])
                #expect(read(await client.next(), &place) == ["n", "2"])
                #expect(await client.next() == .text(place.greeting))
                #expect(read(await client.next(), &place) == ["resumed", "1"])
                #expect(read(await client.next(), &place) == ["room", "a b"])
                // It is published late, and was told from the store.
                bench.server.hub.publish(Vault.event(103, "2"))
                bench.server.hub.publish(vault.store(104, "3"))
                #expect(read(await client.next(), &place) == ["n", "3"])
            }
            try await bench.untilLost()
            bench.server.hub.publish(vault.store(105, "4"))
            try await bench.connection { client in
                try await client.send("40/busy,\(place.claim)")
                #expect(read(await client.next(), &place) == ["n", "4"])
                #expect(await client.next() == .text(place.greeting))
            }
        }
    }

    @Test(arguments: [1, 3])
    func `a client that goes over to a WebSocket while it comes back misses nothing`(loops: Int) async throws {
        let vault = Vault(isSlow: true)
        var place = try await lose(vault)
        _ = vault.store(102, "1")
        try await SocketBench.run(loops: loops, recovery: RecoveryLog(after: 102), vault: vault) { bench in
            let session = try await bench.pollingSession()
            let claim = "40/busy,\(place.claim)"
            #expect(try await WireClient.send(port: bench.server.port, "POST", session, claim).body == "ok")
            await vault.untilAsked()
            let upgrade = session.replacing("polling", with: "websocket")
            try await WireClient.withWebSocket(port: bench.server.port, upgrade) { client in
                for packet in ["2probe", "5"] { try await client.send(packet) }
                #expect(await client.next() == .text("3probe"))
                while bench.endpoint.pollingCount > 0 { await Task.yield() }
                bench.server.hub.publish(vault.store(103, "2"))
                vault.answer()
                let greeting = place.greeting
                #expect(read(await client.next(), &place) == ["n", "1"])
                #expect(read(await client.next(), &place) == ["n", "2"])
                #expect(await client.next() == .text(greeting))
                #expect(read(await client.next(), &place) == ["resumed", "1"])
                bench.server.hub.publish(vault.store(104, "3"))
                #expect(read(await client.next(), &place) == ["n", "3"])
            }
        }
    }

    @Test func `who is sent away from where it was while it comes back begins anew`() async throws {
        let vault = Vault(isSlow: true)
        let place = try await lose(vault)
        try await SocketBench.run(recovery: RecoveryLog(after: 103), vault: vault) { bench in
            try await bench.connection { client in
                try await client.send("40/busy,\(place.claim)")
                await vault.untilAsked()
                try await bench.expel("a b", from: "room:1")
                vault.answer()
                let greeting = "\(await client.next())"
                #expect(greeting.hasPrefix(#"40/busy,{"sid":""#) && greeting != place.greeting)
            }
        }
    }

    @Test func `who is refused, or has missed what is not there, begins anew`() async throws {
        for isRefused in [true, false] {
            let vault = Vault()
            let place = try await lose(vault)
            vault.loseEvents()
            let more = isRefused ? #","refuse":1}"# : "}"
            try await SocketBench.run(recovery: RecoveryLog(after: 103), vault: vault) { bench in
                try await bench.connection { client in
                    try await client.send("40/busy,\(place.claim.dropLast())\(more)")
                    let greeting = "\(await client.next())"
                    #expect(greeting.hasPrefix(#"40/busy,{"sid":""#) && greeting != place.greeting)
                    var fresh = place
                    #expect(read(await client.next(), &fresh) == ["hello", "a b", "/busy"])
                }
            }
        }
    }

    @Test func `who leaves is not stored any more`() async throws {
        let vault = Vault()
        try await SocketBench.run(recovery: RecoveryLog(), vault: vault) { bench in
            try await bench.connection { client in
                let place = try await connect(client)
                try await join(client, "room:1")
                try await client.send(#"42/busy,2["leave","room:1"]"#)
                #expect("\(await client.next())" == "43/busy,2[0]")
                try await client.send(#"42/busy,3["join","room:2"]"#)
                #expect("\(await client.next())" == "43/busy,3[1]")
                #expect(vault.topics(place.pid) == ["room:2"])
                try await client.send("41/busy,")
                try await client.send("40/busy,")
                #expect("\(await client.next())".hasPrefix("40/busy,"))
                #expect(vault.topics(place.pid) == nil)
            }
        }
    }
}
