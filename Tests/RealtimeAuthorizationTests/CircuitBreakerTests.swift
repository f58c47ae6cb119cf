import Testing

@testable import RealtimeAuthorization

struct CircuitBreakerTests {
    private let start = ContinuousClock.now

    @Test func `failures count only in a row`() {
        var breaker = CircuitBreaker(threshold: 2)
        #expect(breaker.failed(at: start) == nil)
        breaker.succeeded()
        #expect(breaker.failed(at: start) == nil)
        #expect(breaker.failed(at: start) == .seconds(5))
        let isAdmitted = breaker.admit(at: start)
        #expect(!isAdmitted)
    }

    @Test func `one is let through after the pause, which doubles up to a minute`() {
        var breaker = CircuitBreaker(threshold: 1)
        var now = start
        var pauses = [breaker.failed(at: now)]
        for _ in 0..<5 {
            now += pauses.last.flatMap { $0 } ?? .zero
            let admitted = [breaker.admit(at: now), breaker.admit(at: now)]
            #expect(admitted == [true, false])
            pauses.append(breaker.failed(at: now))
        }
        #expect(pauses == [5, 10, 20, 40, 60, 60].map { Duration.seconds($0) })
        now += .seconds(60)
        let isAdmitted = breaker.admit(at: now)
        #expect(isAdmitted)
        breaker.succeeded()
        let areAdmitted = [breaker.admit(at: now), breaker.admit(at: now)]
        #expect(areAdmitted == [true, true])
    }

    @Test func `what set out before the pause neither lengthens it nor is kept from ending it`() {
        var breaker = CircuitBreaker(threshold: 1)
        _ = breaker.failed(at: start)
        #expect(breaker.failed(at: start + .seconds(4)) == nil)
        let isAdmitted = breaker.admit(at: start + .seconds(5))
        #expect(isAdmitted)
    }
}
