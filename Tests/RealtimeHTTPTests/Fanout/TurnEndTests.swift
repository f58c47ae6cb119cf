import NIOCore
import NIOEmbedded
import RealtimeDomain
import Testing

@testable import RealtimeHTTP

/// What comes while a turn is flushed.
struct TurnEndTests {
    /// Has something more to send whenever it is flushed for the first time.
    private final class Refilling: ClientConnection, @unchecked Sendable {
        let shard: Shard
        var flushes = 0
        var timerPosition: TimerWheel.Position?
        let user: Identity? = nil
        let waitingBytes = 0

        init(_ shard: Shard) {
            self.shard = shard
        }

        func deliver(
            _ frame: ByteBuffer,
            in run: FrameRun?,
            _ policy: DeliveryPolicy,
            _ counters: DeliveryCounters
        ) -> Bool {
            shard.flushLater(self)
            return true
        }

        func flush() {
            flushes += 1
            if flushes == 1 { shard.flushLater(self) }
        }

        func send(_ frame: ByteBuffer) {}
        func close(_ code: CloseCode, _ reason: String) {}
        func expire(at deadline: NIODeadline?) {}
        func pauseReading() {}
        func resumeReading() {}
        func handOver(to session: any ClientSession) {}
        func deadlineChanged() {}
        func expel(from topic: String, _ expulsion: Expulsion) {}
        func deadlinePassed(_ now: NIODeadline) -> NIODeadline? { nil }
    }

    @Test func `what a flush brings is flushed, too`() {
        let loop = EmbeddedEventLoop()
        let hub = Hub(group: loop)
        let shard = hub.nextShard()
        let connection = Refilling(shard)
        _ = shard.subscribe(connection, to: "chat:1", encoding: NameEncoding())
        for name in ["a", "b"] { hub.publish(TopicEvent(topic: "chat:1", name: name, content: .emptyObject)) }
        loop.run()
        // One for each event, and one for what the first flush brought.
        #expect(connection.flushes == 3)
    }
}
