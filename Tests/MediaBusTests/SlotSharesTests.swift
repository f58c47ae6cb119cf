import MediaBus
import MediaDomain
import Synchronization
import Testing

struct SlotSharesTests {
    @Test func `a job alone has all slots, and gives back what others need`() {
        let shares = SlotShares(4)
        let first = shares.begin()
        #expect(first.count == 4)
        let second = shares.begin()
        #expect(first.count == 2 && second.count == 2)
        let third = shares.begin()
        #expect([first, second, third].map(\.count) == [2, 1, 1])
        shares.end(first)
        #expect([second, third].map(\.count) == [2, 2])
        shares.end(third)
        #expect(second.count == 4)
    }

    @Test func `however many jobs there are, each has a slot`() {
        let shares = SlotShares(1)
        let jobs = (0..<3).map { _ in shares.begin() }
        #expect(jobs.map(\.count) == [1, 1, 1])
    }

    @Test func `somebody has to make way only where each slot has a job`() {
        let shares = SlotShares(2)
        #expect(!shares.areTaken)
        let first = shares.begin()
        #expect(!shares.areTaken && first.count == 2)
        let second = shares.begin()
        #expect(shares.areTaken)
        shares.end(second)
        #expect(!shares.areTaken)
    }

    @Test func `a job is told only what has changed`() {
        let shares = SlotShares(2)
        let told = Mutex<[Int]>([])
        let first = shares.begin()
        first.onChange { [unowned first] in told.withLock { $0.append(first.count) } }
        let second = shares.begin()
        let third = shares.begin()
        for job in [third, second] { shares.end(job) }
        #expect(told.withLock(\.self) == [1, 2])
    }
}
