import Synchronization

/// How many connections a hub has, and who waits for the last to go.
final class OpenConnections: Sendable {
    private struct State {
        var count = 0
        var nextWaiter = 0
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
    }

    private let state = Mutex(State())

    var count: Int { state.withLock(\.count) }

    func opened() { state.withLock { $0.count += 1 } }

    func closed() {
        let waiters = state.withLock { state in
            state.count -= 1
            guard state.count == 0 else { return [Int: CheckedContinuation<Void, Never>]() }
            defer { state.waiters = [:] }
            return state.waiters
        }
        for waiter in waiters.values { waiter.resume() }
    }

    /// Returns when there is no connection, or the task is cancelled.
    func untilNone() async {
        let id = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { wait($0, as: id) }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: id) }?.resume()
        }
    }

    private func wait(_ continuation: CheckedContinuation<Void, Never>, as id: Int) {
        let mayGo = state.withLock { state in
            if state.count == 0 || Task.isCancelled { return true }
            state.waiters[id] = continuation
            return false
        }
        if mayGo { continuation.resume() }
    }
}
