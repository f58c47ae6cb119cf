import NIOCore
import Testing

@testable import RealtimeHTTP

struct RecoveryLogTests {
    private func event(_ topic: String, _ text: String = "1", order: UInt64? = nil) -> TopicEvent {
        TopicEvent(topic: topic, name: "n", content: .json(ByteBuffer(string: text)), order: order)
    }

    private func publish(_ log: RecoveryLog, _ event: TopicEvent, at now: NIODeadline = .now()) -> EventPosition? {
        var position: EventPosition?
        log.publish(event, at: now) { position = $0.position }
        return position
    }

    @Test func `positions ascend, by their publishers' order where there is one`() {
        let log = RecoveryLog()
        log.watch("a")
        #expect(publish(log, event("b")) == nil)
        #expect(publish(log, event("a")) == EventPosition(major: 0, minor: 1))
        #expect(publish(log, event("a", order: 7)) == EventPosition(major: 7, minor: 0))
        #expect(publish(log, event("a", order: 5)) == EventPosition(major: 7, minor: 1))
        #expect(publish(log, event("a")) == EventPosition(major: 7, minor: 2))
        let fleeting = TopicEvent(topic: "a", name: "n", content: .emptyObject, policy: .mayDrop)
        #expect(publish(log, fleeting) == nil)
        #expect(log.last == EventPosition(major: 7, minor: 2))
    }

    @Test func `what is missed is what came behind, on the topics and since they were joined`() throws {
        let log = RecoveryLog()
        for topic in ["a", "b"] { log.watch(topic) }
        let first = try #require(publish(log, event("a", "1")))
        let second = try #require(publish(log, event("b", "2")))
        let third = try #require(publish(log, event("a", "3")))
        let missed = try #require(log.missed(on: [("a", .zero), ("b", second)], after: .zero))
        #expect(missed.events.compactMap(\.position) == [first, third])
        #expect(missed.through == third)
        #expect(
            log.missed(on: [("a", .zero), ("b", .zero)], after: first)?.events.compactMap(\.position) == [
                second, third,
            ]
        )
        #expect(log.missed(on: [("c", .zero)], after: first) == nil)
        #expect(log.missed(on: [("a", .zero)], after: EventPosition(major: 9, minor: 0)) == nil)
    }

    @Test func `a topic is watched from its first watcher until its last`() {
        let log = RecoveryLog()
        #expect(!log.isWatched("a"))
        log.watch("a")
        log.watch("a")
        #expect(log.isWatched("a") && !log.isWatched("b"))
        log.unwatch("a")
        #expect(log.isWatched("a"))
        log.unwatch("a")
        #expect(!log.isWatched("a"))
    }

    @Test func `a topic that nobody watches is kept no longer`() throws {
        let log = RecoveryLog()
        #expect(!log.isActive)
        log.watch("a")
        log.watch("a")
        log.unwatch("a")
        let first = try #require(publish(log, event("a")))
        log.unwatch("a")
        #expect(publish(log, event("a")) == nil)
        // Some events may be on their way yet, before which those that follow must not come.
        #expect(log.isActive)
        log.watch("a")
        #expect(log.missed(on: [("a", .zero)], after: .zero) == nil)
        #expect(log.missed(on: [("a", .zero)], after: first)?.events.isEmpty == true)
    }

    @Test func `what is too old or too much is not told in part`() throws {
        let now = NIODeadline.now()
        let old = RecoveryLog(window: .seconds(1000))
        old.watch("a")
        let first = try #require(publish(old, event("a"), at: now - .seconds(2000)))
        _ = publish(old, event("a"), at: now)
        #expect(old.missed(on: [("a", .zero)], after: .zero) == nil)
        #expect(old.missed(on: [("a", .zero)], after: first)?.events.count == 1)
        let small = RecoveryLog(bytes: 3 * 300)
        for topic in ["a", "b"] { small.watch(topic) }
        let lost = try #require(publish(small, event("a")))
        for _ in 0..<3 { _ = publish(small, event("b")) }
        #expect(small.missed(on: [("a", .zero)], after: .zero) == nil)
        #expect(small.missed(on: [("a", lost)], after: .zero)?.events.isEmpty == true)
    }

    @Test func `clients spell a position in 16 characters`() throws {
        let position = EventPosition(major: 0x0123_4567_89AB_CDEF, minor: 0xDEAD_BEEF)
        #expect(position.text.utf8.count == 16)
        var bytes = ByteBuffer(bytes: try #require(Base64URL.decode(position.text.utf8)))
        #expect(EventPosition(&bytes) == position)
    }
}
