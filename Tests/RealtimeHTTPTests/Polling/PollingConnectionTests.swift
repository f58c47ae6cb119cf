import NIOCore
import NIOEmbedded
import RealtimeDomain
import RealtimeTesting
import Testing

@testable import RealtimeHTTP

/// A polling client on a clock that tests move.
struct PollingConnectionTests {
    private final class Recorder: ClientSession {
        var connection: (any ClientConnection)?
        var received: [String] = []
        var losses = 0
        var isClosed = false

        func opened(_ connection: any ClientConnection) { self.connection = connection }
        func received(_ message: ClientMessage) {
            received.append(String(buffer: message.bytes))
            if received.last == "wait" { connection?.pauseReading() }
            if received.last == "blink" {
                connection?.pauseReading()
                connection?.resumeReading()
            }
            if received.last == "bad" { connection?.close(.internalError) }
        }
        var user: Identity? { Identity(userID: "alice") }
        var left: [String] = []

        func lostFleetingEvents() { losses += 1 }
        func expel(from topic: String, _ expulsion: Expulsion) { left.append(topic) }
        func closed() { isClosed = true }
    }

    private let loop = EmbeddedEventLoop()
    private let hub: Hub
    private let counts = CountingMetrics()
    private let session = Recorder()
    private let connection: PollingConnection

    init() {
        hub = Hub(group: loop, metrics: GatewayMetrics(factory: counts))
        connection = PollingConnection(
            shard: hub.nextShard(),
            limits: PollingLimits(messageBytes: 100, bodyBytes: 1000, outboundBytes: 80),
            session: session,
            onEnd: {}
        )
        connection.open()
    }

    private var counters: DeliveryCounters { hub.metrics.deliveries(of: "t:1") }

    private func texts(_ future: EventLoopFuture<PollingConnection.Answer>) throws -> [String] {
        loop.run()
        guard case .messages(let frames) = try future.wait() else { return ["no messages"] }
        return frames.map { String(buffer: $0) }
    }

    private func receive(_ messages: String...) -> EventLoopFuture<PollingInbox.Outcome> {
        connection.receive(messages.map { .text(ByteBuffer(string: $0)) })
    }

    private func isComplete(_ future: EventLoopFuture<PollingInbox.Outcome>) -> Bool {
        let done = NIOLoopBoundBox(false, eventLoop: loop)
        future.whenComplete { _ in done.value = true }
        return done.value
    }

    private func event(_ text: String, _ policy: DeliveryPolicy = .mustArrive) {
        #expect(!connection.deliver(ByteBuffer(string: text), in: nil, policy, counters))
    }

    @Test func `who is behind it can be sent away from a topic`() {
        final class Encoding: EventEncoding {
            func frame(_ event: TopicEvent) -> ByteBuffer? { nil }
        }
        let shard = hub.nextShard()
        let subscription = shard.subscribe(connection, to: "t:1", encoding: Encoding())
        #expect(shard.users(on: ["t:1", "t:2"]) == ["alice"])
        shard.expel(from: ["t:1"], .forGood) { $0.userID == "bob" }
        #expect(session.left == [] && !subscription.isRevoked)
        shard.expel(from: ["t:1"], .forGood) { $0.userID == "alice" }
        #expect(session.left == ["t:1"] && subscription.isRevoked)
    }

    @Test func `what one turn brings leaves in one answer`() throws {
        let poll = connection.nextMessages()
        for text in ["1", "2", "3"] { connection.send(ByteBuffer(string: text)) }
        #expect(try texts(poll) == ["1", "2", "3"])
        connection.send(ByteBuffer(string: "4"))
        #expect(try texts(connection.nextMessages()) == ["4"])
    }

    @Test func `an event is counted as delivered when a poll takes it`() throws {
        event("1")
        #expect(counts["realtime_deliveries.t"] == 0)
        #expect(try texts(connection.nextMessages()) == ["1"])
        #expect(counts["realtime_deliveries.t"] == 1)
        event("2")
        connection.close(.normal)
        event("3")
        #expect(counts["realtime_dropped.t.closing"] == 2)
    }

    @Test func `events that may be dropped make way, and the session hears of it with the next poll`() throws {
        event("typing------------", .mayDrop)
        event("typing again------", .mayDrop)
        #expect(counts["realtime_dropped.t.slow_consumer"] == 1)
        event(String(repeating: "m", count: 75))
        #expect(counts["realtime_dropped.t.slow_consumer"] == 2)
        #expect(session.losses == 0)
        #expect(try texts(connection.nextMessages()) == [String(repeating: "m", count: 75)])
        #expect(session.losses == 1)
        #expect(!session.isClosed)
    }

    @Test func `a session for which too much waits is over`() throws {
        event(String(repeating: "m", count: 75))
        event(String(repeating: "n", count: 75))
        #expect(session.isClosed)
        #expect(counts["realtime_dropped.t.slow_consumer"] == 2)
        #expect(counts["realtime_slow_consumers_closed"] == 1)
        #expect(try connection.nextMessages().wait().name == "ended")
    }

    @Test func `a client that waits is no slow one, however much one turn brings`() throws {
        let poll = connection.nextMessages()
        event(String(repeating: "m", count: 75))
        event(String(repeating: "n", count: 75))
        #expect(try texts(poll) == [String(repeating: "m", count: 75)])
        #expect(try texts(connection.nextMessages()) == [String(repeating: "n", count: 75)])
    }

    @Test func `messages wait while the session takes none, and then come in order`() throws {
        let first = receive("1", "wait", "2")
        let second = receive("3", "blink", "4")
        #expect(session.received == ["1", "wait"])
        #expect(!isComplete(first) && !isComplete(second))
        connection.resumeReading()
        #expect(session.received == ["1", "wait", "2", "3", "blink", "4"])
        #expect(try first.wait() == .taken)
        #expect(try second.wait() == .taken)
    }

    @Test func `more than may wait is not taken`() throws {
        _ = receive("wait")
        let text = String(repeating: "x", count: 90)
        let requests = (0..<4).map { _ in receive(text) }
        #expect(requests.map(isComplete) == [false, false, true, true])
        #expect(try requests[3].wait() == .busy)
        connection.close(.normal)
        let outcomes = try requests.map { try $0.wait() }
        #expect(outcomes == [.ended, .ended, .busy, .busy])
    }

    @Test func `nothing is taken after the message that ended the session`() throws {
        #expect(try receive("1", "bad", "2").wait() == .ended)
        #expect(session.received == ["1", "bad"])
        #expect(try receive("3").wait() == .ended)
    }

    @Test func `a client may be without a poll for a while, and wait for a while`() throws {
        let start = NIODeadline.now()
        #expect(connection.deadlinePassed(start + .seconds(14)) != nil)
        let poll = connection.nextMessages()
        #expect(connection.deadlinePassed(.now() + .seconds(9)) != nil)
        #expect(connection.deadlinePassed(.now() + .seconds(11)) != nil)
        #expect(try poll.wait().name == "nothing")
        #expect(connection.deadlinePassed(.now() + .seconds(16)) == nil)
        #expect(session.isClosed)
        #expect(counts["realtime_idle_timeouts"] == 1)
        #expect(hub.connectionCount == 0)
    }
}

extension PollingConnection.Answer {
    fileprivate var name: String {
        switch self {
        case .messages: "messages"
        case .nothing: "nothing"
        case .ended: "ended"
        }
    }
}
