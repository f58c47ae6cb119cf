import NIOCore
import NIOEmbedded
import NIOPosix
import RealtimeTesting
import Synchronization
import Testing

@testable import RealtimeHTTP

struct HubTests {
    /// Frames an event as its name, and counts how often it was asked to.
    private final class Encoding: EventEncoding {
        let count = Atomic(0)
        let mark: String
        let isAble: Bool

        init(_ mark: String = "", isAble: Bool = true) {
            self.mark = mark
            self.isAble = isAble
        }

        func frame(_ event: TopicEvent) -> ByteBuffer? {
            count.add(1, ordering: .relaxed)
            return isAble ? ByteBuffer(string: mark + event.name) : nil
        }
    }

    private let loop = EmbeddedEventLoop()
    private let hub: Hub
    private let shard: Shard

    init() {
        hub = Hub(group: loop)
        shard = hub.nextShard()
    }

    private func connect() throws -> (EmbeddedChannel, WebSocketConnection) {
        let connection = WebSocketConnection(shard: shard, limits: ConnectionLimits(), session: SilentSession())
        return (EmbeddedChannel(handler: connection, loop: loop), connection)
    }

    private func sent(_ channel: EmbeddedChannel) throws -> [String] {
        loop.run()
        var frames: [String] = []
        while let frame = try channel.readOutbound(as: ByteBuffer.self) { frames.append(String(buffer: frame)) }
        return frames
    }

    private func publish(_ topic: String, _ name: String) {
        hub.publish(TopicEvent(topic: topic, name: name, content: .emptyObject))
        loop.run()
    }

    @Test func `an event reaches its topic in order, encoded once for each protocol`() throws {
        let (one, two) = (Encoding("1"), Encoding("2"))
        let clients = try (0..<6).map { _ in try connect() }
        for (index, client) in clients.enumerated() {
            _ = shard.subscribe(client.1, to: index == 5 ? "other" : "topic", encoding: index % 2 == 0 ? one : two)
        }
        publish("topic", "a")
        publish("topic", "b")
        #expect(
            try clients.map { try sent($0.0) } == [
                ["1a", "1b"], ["2a", "2b"], ["1a", "1b"], ["2a", "2b"], ["1a", "1b"], [],
            ]
        )
        #expect(one.count.load(ordering: .relaxed) == 2)
        #expect(two.count.load(ordering: .relaxed) == 2)
    }

    @Test func `events keep their order when nobody may come back for them any more`() throws {
        let (channel, connection) = try connect()
        _ = shard.subscribe(connection, to: "topic", encoding: Encoding())
        for (name, isWatched) in [("a", true), ("b", false)] {
            if isWatched { hub.recovery.watch("topic") } else { hub.recovery.unwatch("topic") }
            hub.publish(TopicEvent(topic: "topic", name: name, content: .emptyObject))
        }
        #expect(try sent(channel) == ["a", "b"])
    }

    @Test func `who leaves hears nothing more, and the others still do`() throws {
        let encoding = Encoding()
        let clients = try (0..<4).map { _ in try connect() }
        let subscriptions = clients.map { shard.subscribe($0.1, to: "topic", encoding: encoding) }
        shard.unsubscribe(subscriptions[0])
        shard.unsubscribe(subscriptions[2])
        shard.unsubscribe(subscriptions[2])
        publish("topic", "a")
        #expect(try clients.map { try sent($0.0) } == [[], ["a"], [], ["a"]])
    }

    @Test func `a topic is forgotten with its last subscriber`() throws {
        let client = try connect()
        let subscriptions = (0..<3).map { shard.subscribe(client.1, to: "t\($0)", encoding: Encoding()) }
        #expect(hub.topicCount == 3)
        for subscription in subscriptions { shard.unsubscribe(subscription) }
        #expect(hub.topicCount == 0)
    }

    @Test func `a protocol that cannot say it does not keep it from the others`() throws {
        let (mute, able) = (try connect(), try connect())
        _ = shard.subscribe(mute.1, to: "topic", encoding: Encoding(isAble: false))
        _ = shard.subscribe(able.1, to: "topic", encoding: Encoding())
        publish("topic", "a")
        #expect(try [sent(mute.0), sent(able.0)] == [[], ["a"]])
    }

    @Test func `every event is delivered or dropped for a reason, once for each subscriber`() throws {
        let counts = CountingMetrics()
        let hub = Hub(group: loop, metrics: GatewayMetrics(factory: counts))
        let shard = hub.nextShard()
        let channels = try (0..<4).map { index in
            let connection = WebSocketConnection(
                shard: shard,
                limits: ConnectionLimits(outboundBytes: index == 2 ? 3 : 1000),
                session: SilentSession()
            )
            let channel = EmbeddedChannel(handler: connection, loop: loop)
            try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
            // Silent leaves its subscription behind, so that a closing connection is offered events too.
            _ = shard.subscribe(connection, to: "topic", encoding: Encoding(isAble: index != 3))
            return channel
        }
        // The second reads late, the third is closed for not reading, the fourth's protocol is mute.
        for channel in channels[1...2] {
            channel.isWritable = false
            channel.pipeline.fireChannelWritabilityChanged()
        }
        for _ in 0..<5 {
            hub.publish(TopicEvent(topic: "topic", name: "e", content: .emptyObject))
            loop.run()
        }
        #expect(counts["realtime_deliveries.topic"] == 5)
        channels[1].isWritable = true
        channels[1].pipeline.fireChannelWritabilityChanged()
        loop.run()
        #expect(counts["realtime_deliveries_due.topic"] == 20)
        #expect(counts["realtime_deliveries.topic"] == 10)
        #expect(counts["realtime_dropped.topic.slow_consumer"] == 4)
        #expect(counts["realtime_dropped.topic.closing"] == 1)
        #expect(counts["realtime_dropped.topic.unsupported"] == 5)
    }

    @Test func `who joins gets what it has missed first, and nothing twice`() throws {
        let counts = CountingMetrics()
        let hub = Hub(group: loop, metrics: GatewayMetrics(factory: counts))
        let shard = hub.nextShard()
        let connection = WebSocketConnection(shard: shard, limits: ConnectionLimits(), session: SilentSession())
        let channel = EmbeddedChannel(handler: connection, loop: loop)
        let subscription = shard.subscribe(connection, to: "chat:1", encoding: Encoding(), isHeld: true)
        func publish(_ name: String, seq: Int64? = nil) {
            hub.publish(TopicEvent(topic: "chat:1", name: name, content: .emptyObject, seq: seq))
        }
        publish("2", seq: 2)
        publish("typing")
        #expect(try sent(channel) == [])
        connection.send(ByteBuffer(string: "missed 2 and 3"))
        subscription.release(after: 3)
        publish("3", seq: 3)
        publish("4", seq: 4)
        #expect(try sent(channel) == ["missed 2 and 3", "typing", "4"])
        #expect(counts["realtime_deliveries_due.chat"] == 4)
        #expect(counts["realtime_deliveries.chat"] == 2)
        #expect(counts["realtime_dropped.chat.recovered"] == 2)
    }

    @Test func `who waits too long for its join is closed, and what waited is accounted for`() throws {
        let counts = CountingMetrics()
        let hub = Hub(group: loop, metrics: GatewayMetrics(factory: counts))
        let shard = hub.nextShard()
        let connection = WebSocketConnection(shard: shard, limits: ConnectionLimits(), session: SilentSession())
        let channel = EmbeddedChannel(handler: connection, loop: loop)
        let subscription = shard.subscribe(connection, to: "chat:1", encoding: Encoding(), isHeld: true)
        for _ in 0...1000 { hub.publish(TopicEvent(topic: "chat:1", name: "e", content: .emptyObject)) }
        #expect(try sent(channel).count == 1)
        shard.unsubscribe(subscription)
        #expect(counts["realtime_deliveries_due.chat"] == 1001)
        #expect(counts["realtime_dropped.chat.closing"] == 1001)
    }

    @Test func `an event is not told to whom it comes from`() throws {
        let (speaker, other) = (try connect(), try connect())
        let encoding = Encoding()
        for client in [speaker, other] { _ = shard.subscribe(client.1, to: "topic", encoding: encoding) }
        hub.publish(TopicEvent(topic: "topic", name: "typing", content: .emptyObject, except: speaker.1))
        #expect(try [sent(speaker.0), sent(other.0)] == [[], ["typing"]])
    }

    @Test func `a directory tells which loops have subscribers`() {
        let directory = TopicDirectory()
        for loop in [0, 3, 63, 3] { _ = directory.add(loop, to: "t") }
        #expect(directory.loops(of: "t") == [0, 3, 63].reduce(UInt64(0)) { $0 | 1 << UInt64($1) })
        directory.remove(3, from: "t")
        #expect(directory.loops(of: "t") == [0, 63].reduce(UInt64(0)) { $0 | 1 << UInt64($1) })
        directory.remove(0, from: "t")
        directory.remove(63, from: "t")
        #expect(directory.topicCount == 0)
    }

    @Test func `a drain is spread over its time`() throws {
        var drain = PacedDrain(duration: .seconds(1))
        let start = NIODeadline.now()
        let connections = try (0..<100).map { _ in try connect().1 }
        let mustStart = connections.map { drain.append($0, now: start) }
        #expect(mustStart == [true] + [Bool](repeating: false, count: 99))
        #expect(drain.next(start).count == 2)
        #expect(drain.next(start + .milliseconds(500)).count == 4)
        #expect(drain.next(start + .milliseconds(1000)).count == 94)
        #expect(drain.isEmpty)
    }

    @Test(arguments: [
        ("*", "https://evil.example", true), (" * ", "https://evil.example", true),
        ("https://a.example , https://b.example ", "https://a.example", true),
        ("https://a.example , https://b.example ", "https://b.example", true),
        ("https://a.example, https://b.example", "https://B.example", true),
        ("https://a.example", "https://b.example", false), ("https://a.example", nil, true), ("", "null", false),
    ])
    func `an origin is checked where there is one`(_ allowed: String, _ origin: String?, _ isAllowed: Bool) {
        #expect(AllowedOrigins(allowed).allow(origin) == isAllowed)
    }
}
