import EventSchema
import Testing

@testable import RealtimeDomain

struct StreamActivityTests {
    private func at(_ seconds: Int64) -> Timestamp { Timestamp(milliseconds: seconds * 1000) }
    private let alice = Profile(userID: "alice", name: "Alice")
    private let bob = Profile(userID: "bob")

    @Test func `a user on two devices is one viewer, until the second has gone`() {
        var viewers = StreamViewers()
        viewers.enter(alice, at: at(0))
        viewers.enter(alice, at: at(1))
        viewers.enter(bob, at: at(1))
        #expect(viewers.count == 2)
        viewers.leave("alice", at: at(2))
        #expect(viewers.count == 2)
        viewers.leave("alice", at: at(3))
        #expect(viewers.count == 1)
        #expect(viewers.peak == 2)
    }

    @Test func `who came and went in between is not mentioned`() {
        var viewers = StreamViewers()
        viewers.enter(alice, at: at(0))
        viewers.enter(bob, at: at(0))
        viewers.leave("bob", at: at(0))
        #expect(viewers.takeChanges() == [StreamViewers.Change(profile: alice, hasCome: true)])
        #expect(viewers.takeChanges() == [])
        viewers.leave("alice", at: at(1))
        viewers.leave("alice", at: at(1))
        viewers.leave("nobody", at: at(1))
        #expect(viewers.takeChanges() == [StreamViewers.Change(profile: alice, hasCome: false)])
    }

    @Test func `watch time is that of views that ended and of those that go on`() {
        var viewers = StreamViewers()
        #expect(viewers.averageWatchTime(at: at(5)) == 0)
        viewers.enter(alice, at: at(0))
        viewers.enter(bob, at: at(10))
        viewers.leave("alice", at: at(20))
        #expect(viewers.averageWatchTime(at: at(40)) == (20 + 30) / 2)
    }

    @Test func `a minute's count forgets second by second, and all of it after a pause`() {
        var count = SlidingCount()
        for second in 0..<60 { count.add(at: at(1000 + Int64(second))) }
        #expect(count.perMinute(at: at(1059)) == 60)
        #expect(count.perMinute(at: at(1061)) == 58)
        #expect(count.perMinute(at: at(1060)) == 58, "time that goes back changes nothing")
        #expect(count.perMinute(at: at(2000)) == 0)
        count.add(at: at(2000))
        #expect(count.perMinute(at: at(2059)) == 1)
        #expect(count.perMinute(at: at(2060)) == 0)
    }

    private func reaction(_ emoji: String, _ user: String = "alice") -> StreamReaction {
        StreamReaction(emoji: emoji, userID: user, x: 0.5, y: 0.5, at: at(0))
    }

    @Test func `a few reactions are passed on one by one`() {
        var burst = ReactionBurst()
        for number in 0..<10 { burst.add(reaction("👍", "user-\(number)")) }
        #expect(burst.take().map(\.count) == Array(repeating: 1, count: 10))
        #expect(burst.isEmpty)
    }

    @Test func `of a storm those with one emoji become one, and none is lost`() {
        var burst = ReactionBurst()
        for _ in 0..<500 { burst.add(reaction("👍")) }
        for _ in 0..<300 { burst.add(reaction("🎉")) }
        let entries = burst.take()
        #expect(entries.count == 11)
        #expect(entries.reduce(0) { $0 + $1.count } == 800)
        #expect(entries.last == ReactionBurst.Entry(reaction: reaction("🎉"), count: 300))
    }

    @Test func `a storm of different emoji is bounded`() {
        var burst = ReactionBurst()
        for number in 0..<1000 { burst.add(reaction("\(number)")) }
        #expect(burst.take().count == 100)
    }
}
