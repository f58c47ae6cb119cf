import Messaging
import Testing

@testable import RabbitMQ

struct PublishQueueTests {
    private typealias Queue = PublishQueue<Int>

    private let start = ContinuousClock.now

    private func queue(window: Int = 4, waiting: Int = 10, bytes: Int = 1000) -> Queue {
        var queue = Queue(window: window, maximumWaiting: waiting, maximumWaitingBytes: bytes)
        queue.connected()
        return queue
    }

    private func request(_ id: Int?, key: String = "k", body: Int = 1, after: Duration = .zero) -> Queue.Request {
        Queue.Request(
            message: Message(body: Array(repeating: 0, count: body), messageID: id.map(String.init)),
            destination: Destination(exchange: "e", routingKey: key),
            submitted: start + after,
            deadline: start + after + .seconds(5),
            completion: id
        )
    }

    /// Submits and sends requests 1 to `count`.
    private func sent(_ count: Int, window: Int = 4) -> Queue {
        var queue = queue(window: window)
        for id in 1...count {
            _ = queue.submit(request(id))
            _ = queue.nextLot(atMost: 1).first
        }
        return queue
    }

    private func codes(_ settled: [Queue.Settled]) -> [Int: String] {
        Dictionary(
            uniqueKeysWithValues: settled.map { one in
                switch one.result {
                case .success: (one.completion, "ok")
                case .failure(let error): (one.completion, error.code.rawValue)
                }
            }
        )
    }

    @Test func `no more messages are on the wire than the window holds`() {
        var queue = queue(window: 2)
        for id in 1...3 { #expect(queue.submit(request(id)) == nil) }
        #expect(queue.nextLot(atMost: 1).first?.completion == 1)
        #expect(queue.nextLot(atMost: 1).first?.completion == 2)
        #expect(queue.nextLot(atMost: 1).first == nil)
        #expect(codes(queue.confirm(tag: 1, multiple: false, accepted: true)) == [1: "ok"])
        #expect(queue.nextLot(atMost: 1).first?.completion == 3)
    }

    @Test func `a window once full empties by a quarter before it is filled again`() {
        var queue = sent(8, window: 8)
        for id in 9...12 { _ = queue.submit(request(id)) }
        _ = queue.confirm(tag: 2, multiple: true, accepted: true)
        #expect(!queue.canSend)
        _ = queue.confirm(tag: 3, multiple: false, accepted: true)
        #expect(queue.nextLot().compactMap(\.completion) == [9, 10, 11])
    }

    @Test func `a lot is bounded by count and by size`() {
        var queue = queue(window: 10, waiting: 10, bytes: 1 << 20)
        for (id, size) in [(1, 1), (2, 60_000), (3, 10_000), (4, 1), (5, 1)] {
            _ = queue.submit(request(id, body: size))
        }
        #expect(queue.nextLot().compactMap(\.completion) == [1, 2, 3])
        #expect(queue.nextLot(atMost: 1).compactMap(\.completion) == [4])
        #expect(queue.nextLot().compactMap(\.completion) == [5])
    }

    @Test func `one confirmation may settle many`() {
        var queue = sent(3)
        #expect(codes(queue.confirm(tag: 2, multiple: true, accepted: true)) == [1: "ok", 2: "ok"])
        #expect(codes(queue.confirm(tag: 3, multiple: false, accepted: true)) == [3: "ok"])
        #expect(queue.isEmpty)
    }

    @Test func `confirmations may come in any order`() {
        var queue = sent(3)
        #expect(codes(queue.confirm(tag: 3, multiple: false, accepted: true)) == [3: "ok"])
        #expect(codes(queue.confirm(tag: 3, multiple: true, accepted: true)) == [1: "ok", 2: "ok"])
        #expect(queue.confirm(tag: 3, multiple: false, accepted: true).isEmpty)
        #expect(queue.confirm(tag: 99, multiple: true, accepted: true).isEmpty)
    }

    @Test func `a refusal is told`() {
        var queue = sent(1)
        #expect(codes(queue.confirm(tag: 1, multiple: false, accepted: false)) == [1: "rejected"])
    }

    @Test func `a return belongs to the first message that looks like it`() {
        var queue = queue()
        for (id, key) in [(1, "good"), (2, "bad"), (3, "bad")] {
            _ = queue.submit(request(id, key: key))
            _ = queue.nextLot(atMost: 1).first
        }
        let returned = BrokerSignal.Returned(
            replyCode: 312,
            replyText: "NO_ROUTE",
            destination: Destination(exchange: "e", routingKey: "bad"),
            messageID: "2"
        )
        queue.returned(returned)
        #expect(
            codes(queue.confirm(tag: 3, multiple: true, accepted: true)) == [1: "ok", 2: "unroutable", 3: "ok"]
        )
    }

    @Test func `after a loss what was on the wire goes first, in order`() {
        var queue = sent(2)
        _ = queue.submit(request(3))
        _ = queue.confirm(tag: 1, multiple: false, accepted: true)
        #expect(queue.disconnected(error: MessagingError(.unavailable, "gone")).isEmpty)
        #expect(queue.nextLot(atMost: 1).first == nil)
        queue.connected()
        #expect(queue.nextLot(atMost: 1).first?.completion == 2)
        #expect(queue.nextLot(atMost: 1).first?.completion == 3)
        #expect(codes(queue.confirm(tag: 2, multiple: true, accepted: true)) == [2: "ok", 3: "ok"])
    }

    @Test func `what provoked the loss fails`() {
        var queue = queue()
        _ = queue.submit(request(1, key: "fine"))
        _ = queue.submit(request(2, key: "bad"))
        _ = queue.nextLot(atMost: 1).first
        _ = queue.nextLot(atMost: 1).first
        let settled = queue.disconnected(error: MessagingError(.topologyMismatch, "no exchange")) {
            $0.routingKey == "bad"
        }
        #expect(codes(settled) == [2: "topology_mismatch"])
    }

    @Test func `time runs out differently on the wire and before it`() {
        var queue = sent(1)
        _ = queue.submit(request(2, after: .seconds(1)))
        #expect(queue.expire(now: start + .seconds(4), outage: nil).isEmpty)
        #expect(codes(queue.expire(now: start + .seconds(6), outage: "refused")) == [1: "timeout", 2: "unavailable"])
        // The late confirmation is for nobody.
        #expect(queue.confirm(tag: 1, multiple: false, accepted: true).isEmpty)
        #expect(queue.isEmpty)
    }

    @Test func `a message that may have arrived is never called unpublished`() {
        var queue = sent(1)
        _ = queue.disconnected(error: MessagingError(.unavailable, "gone"))
        #expect(codes(queue.expire(now: start + .seconds(6), outage: "refused")) == [1: "timeout"])
    }

    @Test func `messages nobody waits for any more leave room in the window`() {
        var queue = sent(2, window: 2)
        _ = queue.submit(request(3, after: .seconds(3)))
        #expect(queue.nextLot(atMost: 1).first == nil)
        _ = queue.expire(now: start + .seconds(6), outage: nil)
        #expect(queue.nextLot(atMost: 1).first?.completion == 3)
    }

    @Test func `a blocked broker is sent nothing`() {
        var queue = queue()
        _ = queue.submit(request(1))
        queue.block("low on memory")
        #expect(queue.nextLot(atMost: 1).first == nil)
        #expect(queue.submit(request(nil))?.code == .unavailable)
        queue.block(nil)
        #expect(queue.nextLot(atMost: 1).first?.completion == 1)
    }

    @Test func `best effort is dropped while there is no connection, and when it goes`() {
        var queue = queue()
        #expect(queue.submit(request(nil)) == nil)
        _ = queue.nextLot(atMost: 1).first
        #expect(queue.disconnected(error: MessagingError(.unavailable, "gone")).isEmpty)
        #expect(queue.submit(request(nil))?.code == .unavailable)
        queue.connected()
        #expect(queue.nextLot(atMost: 1).first == nil)
    }

    @Test func `waiting is bounded by count and by size`() {
        var queue = queue(window: 1, waiting: 3, bytes: 100)
        #expect(queue.submit(request(1, body: 60)) == nil)
        #expect(queue.submit(request(2, body: 60)) == nil)
        #expect(queue.submit(request(3, body: 1))?.code == .unavailable)
        _ = queue.nextLot(atMost: 1).first
        #expect(queue.submit(request(3, body: 1)) == nil)
        #expect(queue.submit(request(4, body: 1)) == nil)
        #expect(queue.submit(request(5, body: 1))?.code == .unavailable)
    }

    @Test func `closing refuses what is new and keeps what waits`() {
        var queue = queue()
        _ = queue.submit(request(1))
        queue.close(MessagingError(.closed, "closed"))
        #expect(queue.submit(request(2))?.code == .closed)
        #expect(queue.nextLot(atMost: 1).first?.completion == 1)
        #expect(codes(queue.failAll(MessagingError(.unavailable, "aborted"))) == [1: "unavailable"])
        #expect(queue.isEmpty)
    }
}
