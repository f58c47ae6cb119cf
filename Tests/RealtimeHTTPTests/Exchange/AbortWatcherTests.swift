import NIOCore
import NIOEmbedded
import Testing

@testable import RealtimeHTTP

/// Whether it is heard that a client has gone.
struct AbortWatcherTests {
    private let watcher = AbortWatcher()
    private let channel: EmbeddedChannel

    init() {
        channel = EmbeddedChannel(handler: watcher)
    }

    @Test func `the end of what a client sends is told once`() {
        var count = 0
        watcher.watch { count += 1 }
        #expect(count == 0)
        for _ in 0..<2 { channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed) }
        #expect(count == 1)
    }

    @Test func `who watches only after the end is told at once`() {
        channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        var count = 0
        watcher.watch { count += 1 }
        #expect(count == 1)
    }
}
