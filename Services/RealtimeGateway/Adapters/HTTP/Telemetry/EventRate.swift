import Synchronization

/// How many events there were within the last minute, to the second.
final class EventRate: Sendable {
    private struct State {
        var counts = [Int](repeating: 0, count: 60)
        /// The second that was counted last.
        var last: Int64 = 0
    }

    private let start: ContinuousClock.Instant
    private let state = Mutex(State())

    init(start: ContinuousClock.Instant = .now) {
        self.start = start
    }

    func count(at now: ContinuousClock.Instant) {
        let second = (now - start).components.seconds
        state.withLock { state in
            Self.advance(&state, to: second)
            state.counts[Int(second % 60)] += 1
        }
    }

    func perMinute(at now: ContinuousClock.Instant) -> Int {
        let second = (now - start).components.seconds
        return state.withLock { state in
            Self.advance(&state, to: second)
            return state.counts.reduce(0, +)
        }
    }

    /// Forgets the seconds that are more than a minute ago.
    private static func advance(_ state: inout State, to second: Int64) {
        guard second > state.last else { return }
        for passed in max(state.last + 1, second - 59)...second { state.counts[Int(passed % 60)] = 0 }
        state.last = second
    }
}
