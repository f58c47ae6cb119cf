import Logging
import NIOCore
import NIOEmbedded
import PhoenixProbe
import RealtimeDomain
import RealtimeTesting
import Testing

@testable import RealtimeHTTP
@testable import RealtimePhoenix

/// Connections that close in the middle of what they were asked for.
struct PhoenixSessionTests {
    /// Speaks before it joins, and to everybody on any event.
    private final class Talker: PhoenixChannel {
        var terminations = 0

        func join(_ payload: EventContent, _ context: ChannelContext) -> JoinOutcome {
            context.push("hello", .text(#""\#(String(repeating: "x", count: 100))""#))
            context.track("me", PresenceMeta(ref: "R", fields: [:]))
            return .joined()
        }

        func handle(_ event: String, _ payload: EventContent, _ context: ChannelContext) -> EventOutcome {
            context.broadcast("said", payload)
            context.track("me again", PresenceMeta(ref: "S", fields: [:]))
            return .stop(.ok)
        }

        func terminate(_ context: ChannelContext) { terminations += 1 }
    }

    private let loop = EmbeddedEventLoop()
    private let hub: Hub
    private let presence: PresenceTracker
    private let talker = Talker()
    private let channel: EmbeddedChannel

    init() throws {
        hub = Hub(group: loop)
        presence = PresenceTracker(hub: hub)
        var router = ChannelRouter()
        nonisolated(unsafe) let talker = talker
        router.on("room:*") { _ in talker }
        let application = PhoenixApplication(hub: hub, router: router, presence: presence)
        let session = PhoenixSession(
            application: application,
            gate: PhoenixGate(
                application: application,
                tokens: FakeTokens(),
                origins: .any,
                logger: Logger(label: "test")
            ),
            admission: PhoenixGate.Admission(
                identity: Identity(userID: "a"),
                serializer: SerializerVersions.v2,
                place: try #require(hub.users.admit(Identity(userID: "a")))
            )
        )
        let connection = WebSocketConnection(
            shard: hub.nextShard(),
            limits: ConnectionLimits(outboundBytes: 80),
            session: session
        )
        channel = EmbeddedChannel(handler: connection, loop: loop)
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
    }

    private func receive(_ text: String) throws {
        try channel.writeInbound(ByteBuffer(bytes: WireClient.frame(0x81, Array(text.utf8))))
    }

    private func stopReading() {
        channel.isWritable = false
        channel.pipeline.fireChannelWritabilityChanged()
    }

    @Test func `a connection that closes during a join leaves nothing behind`() throws {
        stopReading()
        try receive(#"["1","1","room:a","phx_join",{}]"#)
        loop.advanceTime(by: .seconds(1))
        #expect(talker.terminations == 1)
        #expect(hub.topicCount == 0)
        #expect(presence.topicCount == 0)
    }

    @Test func `a connection that closes during an event ends its channels once`() throws {
        try receive(#"["1","1","room:a","phx_join",{}]"#)
        #expect(hub.topicCount == 1)
        stopReading()
        try receive(#"["1","2","room:a","talk",{"to":"\#(String(repeating: "x", count: 100))"}]"#)
        loop.advanceTime(by: .seconds(1))
        #expect(talker.terminations == 1)
        #expect(hub.topicCount == 0)
        #expect(presence.topicCount == 0)
    }
}
