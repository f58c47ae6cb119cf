import Logging
import NIOCore
import NIOEmbedded
import Testing

@testable import RealtimeHTTP

/// How long a connection may be silent before it has said what it wants, on a clock that is moved by hand.
struct UpgradePatienceTests {
    @Test(arguments: [
        "", "GET /ec", "GET /echo HTTP/1.1\r\n", "GET /hello HTTP/1.1\r\n",
    ])
    func `who does not say what it wants is cut off after ten seconds`(_ beginning: String) throws {
        let loop = EmbeddedEventLoop()
        let hub = Hub(group: loop)
        let gateway = GatewayChannel(
            settings: GatewayChannel.Settings(hub: hub, endpoints: [EchoEndpoint()]),
            open: OpenChannels(),
            accepted: AsyncStream.makeStream().continuation,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        )
        let shard = hub.nextShard()
        let start = NIODeadline.now()
        let channel = EmbeddedChannel(handler: UpgradeHandler(gateway, shard: shard), loop: loop)
        channel.allowRemoteHalfClosure = true
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        try channel.writeInbound(ByteBuffer(string: beginning))
        shard.tick(start + .seconds(9))
        #expect(channel.isActive)
        shard.tick(.now() + .seconds(12))
        #expect(!channel.isActive)
        #expect(shard.wheel.isEmpty)
    }
}
