import RealtimeDomain
import Testing

struct RateLimiterTests {
    private let start = ContinuousClock.now

    @Test func `a burst up to the limit is fine, and then the pace counts`() throws {
        let limiter = RateLimiter<String>(RateLimit(3, per: .seconds(30)))
        for _ in 0..<3 { #expect(limiter.take("a", now: start) == nil) }
        #expect(limiter.take("a", now: start) == .seconds(10))
        #expect(limiter.take("b", now: start) == nil)
        #expect(limiter.take("a", now: start + .seconds(4)) == .seconds(6))
        #expect(limiter.take("a", now: start + .seconds(10)) == nil)
        #expect(limiter.take("a", now: start + .seconds(10)) != nil)
        for _ in 0..<3 { #expect(limiter.take("a", now: start + .seconds(1000)) == nil) }
        #expect(limiter.take("a", now: start + .seconds(1000)) != nil)
    }

    @Test func `no limit is none`() {
        let limiter = RateLimiter<Int>(RateLimit(0, per: .seconds(60)))
        for _ in 0..<1000 { #expect(limiter.take(1, now: start) == nil) }
    }

    @Test func `who has been forgotten begins anew`() {
        let limiter = RateLimiter<Int>(RateLimit(1, per: .seconds(60)), capacity: 2)
        for key in 0..<3 { #expect(limiter.take(key, now: start) == nil) }
        #expect(limiter.take(2, now: start) != nil)
        #expect(limiter.take(0, now: start) == nil)
    }
}
