import EventSchema
import NIOCore
import RealtimeDomain
import RealtimeHTTP
import RealtimeTesting
import Synchronization
import Testing

@testable import RealtimePhoenix

/// Clients that ask faster than they are answered.
@Suite(.timeLimit(.minutes(1))) struct PendingAnswersTests {
    /// Answers after a while, and notes how many wait at most.
    private final class Slow: PhoenixChannel {
        let most: Most
        private var waiting = 0

        init(_ most: Most) {
            self.most = most
        }

        func join(_ payload: EventContent, _ context: ChannelContext) -> JoinOutcome { .joined() }

        func handle(_ event: String, _ payload: EventContent, _ context: ChannelContext) -> EventOutcome {
            guard let loop = context.eventLoop else { return .noReply }
            waiting += 1
            most.note(waiting)
            let answer = loop.assumeIsolated().scheduleTask(in: .milliseconds(500)) { [self] in
                waiting -= 1
                return EventOutcome.reply(.ok)
            }
            return .pending(answer.futureResult)
        }
    }

    private final class Most: Sendable {
        private let count = Mutex(0)

        func note(_ waiting: Int) { count.withLock { $0 = max($0, waiting) } }

        var value: Int { count.withLock { $0 } }
    }

    @Test func `of a flood no more is read than is answered, and all of it in the end`() async throws {
        let most = Most()
        try await withTestServer { hub in
            var router = ChannelRouter()
            router.on("room:*") { _ in Slow(most) }
            let application = PhoenixApplication(hub: hub, router: router, presence: PresenceTracker(hub: hub))
            return [PhoenixEndpoint(application: application, tokens: FakeTokens())]
        } _: { server in
            try await WireClient.withWebSocket(port: server.port, "/socket/websocket?token=a&vsn=2.0.0") { client in
                try await client.send(#"["1","1","room:a","phx_join",{}]"#)
                _ = try await client.event("phx_reply")
                // One frame fills what is read at once.
                let payload = #"{"x":"\#(String(repeating: "x", count: 4096))"}"#
                for _ in 0..<300 { try await client.send(#"["1","2","room:a","ask",\#(payload)]"#) }
                for _ in 0..<300 { #expect(try await client.event("phx_reply")["status"] == "ok") }
            }
        }
        #expect(most.value <= 66)
    }
}
