/// The pauses between tries to connect: doubling, with jitter so that the clients of a restarted broker do not come at once.
struct Backoff {
    private let bounds: ClosedRange<Duration>
    private var ceiling: Duration

    init(_ bounds: ClosedRange<Duration>) {
        self.bounds = bounds
        ceiling = bounds.lowerBound
    }

    /// The next pause, between half of the current ceiling and all of it.
    mutating func next() -> Duration {
        defer { ceiling = min(ceiling * 2, bounds.upperBound) }
        return ceiling * Double.random(in: 0.5...1)
    }

    mutating func reset() { ceiling = bounds.lowerBound }
}
