import Synchronization

/// Room for a number of handlers at once.
final class HandlerSlots: Sendable {
    private struct State {
        var free: Int
        /// Whoever waits in ``take()``.
        var waiting: CheckedContinuation<Void, Never>?
    }

    private let state: Mutex<State>

    init(_ count: Int) {
        state = Mutex(State(free: count))
    }

    /// Takes a slot, once one is free.
    ///
    /// For one task alone.
    func take() async {
        guard !takeIfFree() else { return }
        await withCheckedContinuation { continuation in
            let isFree = state.withLock { state in
                if state.free == 0 { state.waiting = continuation } else { state.free -= 1 }
                return state.waiting == nil
            }
            if isFree { continuation.resume() }
        }
    }

    private func takeIfFree() -> Bool {
        state.withLock { state in
            guard state.free > 0 else { return false }
            state.free -= 1
            return true
        }
    }

    /// Gives a slot back: to whoever waits for it, else for later.
    func give() {
        let waiting = state.withLock { state in
            let waiting = state.waiting.take()
            if waiting == nil { state.free += 1 }
            return waiting
        }
        waiting?.resume()
    }
}
