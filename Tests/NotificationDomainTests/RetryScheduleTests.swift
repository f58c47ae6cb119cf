import NotificationDomain
import Testing

struct RetryScheduleTests {
    private let failure = Failure(.unreachable, "down")

    @Test func `success and refusal are reported at once`() {
        let schedule = RetrySchedule()
        #expect(schedule.step(after: .delivered, attempt: 3) == .report(.delivered(attempt: 3)))
        #expect(schedule.step(after: .failed(failure), attempt: 1) == .report(.failed(failure, retryable: false)))
    }

    @Test(arguments: zip(1...6, RetrySchedule.delays))
    func `each try waits longer than the one before`(attempt: Int, delay: Duration) {
        let step = RetrySchedule().step(after: .postponed(after: nil, failure), attempt: attempt)
        #expect(step == .tryAgain(after: delay, reason: "down"))
    }

    @Test func `the last try is reported as failed and worth another request`() {
        let step = RetrySchedule().step(after: .postponed(after: nil, failure), attempt: 7)
        let told = Failure(.unreachable, "given up after 7 tries: down")
        #expect(step == .report(.failed(told, retryable: true)))
    }

    @Test func `fewer tries can be asked for, but not none and not more than there are delays`() {
        let once = RetrySchedule(maximumAttempts: 0).step(after: .postponed(after: nil, failure), attempt: 1)
        #expect(once == .report(.failed(Failure(.unreachable, "given up after 1 try: down"), retryable: true)))
        #expect(RetrySchedule(maximumAttempts: 99) == RetrySchedule())
    }

    @Test func `a receiver may ask for more time but not for less, and not for ever`() {
        func delay(_ wish: Duration) -> RetrySchedule.Step {
            RetrySchedule().step(after: .postponed(after: wish, failure), attempt: 2)
        }
        #expect(delay(.seconds(120)) == .tryAgain(after: .seconds(120), reason: "down"))
        #expect(delay(.seconds(1)) == .tryAgain(after: .seconds(30), reason: "down"))
        #expect(delay(.seconds(1_000_000)) == .tryAgain(after: .seconds(43200), reason: "down"))
    }
}
