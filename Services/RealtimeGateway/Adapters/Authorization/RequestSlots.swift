import DequeModule
import Synchronization

/// Room for a number of requests at once, and for a number that wait.
final class RequestSlots: Sendable {
    private struct State {
        var free: Int
        var waiting: Deque<CheckedContinuation<Bool, Never>> = []
    }

    private let maximumWaiting: Int
    private let state: Mutex<State>

    init(_ count: Int, waiting maximumWaiting: Int) {
        self.maximumWaiting = maximumWaiting
        state = Mutex(State(free: count))
    }

    /// Takes a slot, first come first served; false, and none is taken, if too many wait already.
    func take() async -> Bool {
        await withCheckedContinuation { continuation in
            let isWaiting = state.withLock { state -> Bool? in
                if state.free > 0 {
                    state.free -= 1
                    return false
                }
                guard state.waiting.count < maximumWaiting else { return nil }
                state.waiting.append(continuation)
                return true
            }
            if isWaiting != true { continuation.resume(returning: isWaiting == false) }
        }
    }

    /// Gives a slot back: to whoever waits longest, else for later.
    func give() {
        let waiter = state.withLock { state in
            let waiter = state.waiting.popFirst()
            if waiter == nil { state.free += 1 }
            return waiter
        }
        waiter?.resume(returning: true)
    }
}
