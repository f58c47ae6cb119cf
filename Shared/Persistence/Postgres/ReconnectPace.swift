/// When to try to connect again: at once, then after 100 ms, and twice as long each time.
///
/// Up to 5 s, or 1 s while callers wait, who do not do so for long; and never at the same time as everybody else.
struct ReconnectPace {
    private static let shortest = Duration.milliseconds(100)
    private static let longest = Duration.seconds(5)
    private static let longestForCallers = Duration.seconds(1)

    private var attempts = 0
    private var last = ContinuousClock.now
    private var delay = Duration.zero

    func isDue(callersWait: Bool) -> Bool {
        last.duration(to: .now) >= (callersWait ? min(delay, Self.longestForCallers) : delay)
    }

    /// Call it with each attempt.
    mutating func attempted() {
        last = .now
        delay = min(Self.shortest * (1 << min(attempts, 10)), Self.longest) * Double.random(in: 0.5...1)
        attempts += 1
    }

    /// Call it when a connection proved to be of use: that it came about is not enough.
    mutating func succeeded() { self = ReconnectPace() }
}
