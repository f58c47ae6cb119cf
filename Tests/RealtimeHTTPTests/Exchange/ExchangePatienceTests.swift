import HTTPTypes
import Logging
import NIOCore
import NIOEmbedded
import Testing

@testable import RealtimeHTTP

/// How long a connection with requests may be silent, on a clock that is moved by hand.
struct ExchangePatienceTests {
    @Test(arguments: [
        ("", 60), ("\r\n", 60), ("GET /sha", 10),
        ("POST /shared/ HTTP/1.1\r\nHost: l\r\nContent-Length: 50\r\n\r\nab", 10),
    ])
    func `who does not finish a request is cut off`(_ beginning: String, _ seconds: Int64) throws {
        let loop = EmbeddedEventLoop()
        let (channel, shard) = try Self.channel(loop)
        let start = NIODeadline.now()
        try channel.writeInbound(ByteBuffer(string: "GET /shared/?q=1 HTTP/1.1\r\nHost: l\r\n\r\n" + beginning))
        loop.run()
        #expect(try channel.readOutbound(as: ByteBuffer.self).map { String(buffer: $0).hasSuffix("GET 1") } == true)
        shard.tick(start + .seconds(seconds - 1))
        #expect(channel.isActive)
        shard.tick(.now() + .seconds(seconds + 2))
        #expect(!channel.isActive)
        #expect(shard.wheel.isEmpty)
    }

    @Test func `large content has more time`() {
        var patience = ExchangePatience()
        let now = NIODeadline.now()
        #expect(patience.deadline(for: .content(1 << 20), now: now) == now + .seconds(74))
        // What comes meanwhile does not prolong it.
        #expect(patience.deadline(for: .content(1 << 20), now: now + .seconds(9)) == now + .seconds(74))
        #expect(patience.deadline(for: .answer, now: now) == nil)
        #expect(patience.deadline(for: .idle, now: now) == now + .seconds(60))
        patience.answered()
        #expect(patience.deadline(for: .idle, now: now + .seconds(9)) == now + .seconds(69))
    }

    @Test func `an answer is waited for as long as it takes`() throws {
        let loop = EmbeddedEventLoop()
        let (channel, shard) = try Self.channel(loop)
        try channel.writeInbound(ByteBuffer(string: "GET /shared/?wait HTTP/1.1\r\nHost: l\r\n\r\n"))
        loop.run()
        #expect(shard.wheel.isEmpty)
        #expect(channel.isActive)
    }

    private static func channel(_ loop: EmbeddedEventLoop) throws -> (EmbeddedChannel, Shard) {
        let hub = Hub(group: loop)
        let responder = EchoResponder(loop)
        let gateway = GatewayChannel(
            settings: GatewayChannel.Settings(hub: hub, endpoints: [responder]),
            open: OpenChannels(),
            accepted: AsyncStream.makeStream().continuation,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        )
        let shard = hub.nextShard()
        let channel = EmbeddedChannel(handler: UpgradeHandler(gateway, shard: shard), loop: loop)
        channel.allowRemoteHalfClosure = true
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        return (channel, shard)
    }
}
