/// Keeps from asking somebody who does not answer.
///
/// After a few failures in a row nobody is let through for a while; then one is, and decides whether the others are. The
/// while doubles as long as that one fails, too.
struct CircuitBreaker {
    private enum State {
        case closed(failures: Int)
        case open(until: ContinuousClock.Instant, pause: Duration)
        /// One is on its way.
        case probing(pause: Duration)
    }

    private static let maximumPause = Duration.seconds(60)

    private let threshold: Int
    private let pause: Duration
    private var state = State.closed(failures: 0)

    init(threshold: Int = 5, pause: Duration = .seconds(5)) {
        self.threshold = threshold
        self.pause = pause
    }

    /// Whether to go ahead; who does has to report what came of it.
    mutating func admit(at now: ContinuousClock.Instant) -> Bool {
        switch state {
        case .closed: return true
        case .probing: return false
        case .open(let end, let pause):
            guard now >= end else { return false }
            state = .probing(pause: pause)
            return true
        }
    }

    mutating func succeeded() { state = .closed(failures: 0) }

    /// Returns for how long nobody will be let through, if that begins now.
    mutating func failed(at now: ContinuousClock.Instant) -> Duration? {
        switch state {
        case .closed(let failures) where failures + 1 < threshold:
            state = .closed(failures: failures + 1)
            return nil
        case .closed: return open(for: pause, now)
        case .probing(let pause): return open(for: min(pause * 2, Self.maximumPause), now)
        // It had set out before.
        case .open: return nil
        }
    }

    private mutating func open(for pause: Duration, _ now: ContinuousClock.Instant) -> Duration {
        state = .open(until: now + pause, pause: pause)
        return pause
    }
}
