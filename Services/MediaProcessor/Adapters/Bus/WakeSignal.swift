import Synchronization

/// Wakes those who wait for work, before their patience ends.
final class WakeSignal: Sendable {
    private struct State {
        var generation = 0
        var isOver = false
        var lastNap = 0
        var naps: [Int: Task<Void, Never>] = [:]
    }

    private let state = Mutex(State())

    /// Counts the calls so far; taken before looking for work, so that none is missed.
    var generation: Int { state.withLock(\.generation) }

    /// Whether there will be no more work.
    var isOver: Bool { state.withLock(\.isOver) }

    /// There may be work.
    func wake() {
        for nap in takeNaps({ $0.generation += 1 }) { nap.cancel() }
    }

    /// There will be no more work.
    func end() {
        for nap in takeNaps({ $0.isOver = true }) { nap.cancel() }
    }

    private func takeNaps(_ change: (inout State) -> Void) -> [Task<Void, Never>] {
        state.withLock { state in
            change(&state)
            defer { state.naps = [:] }
            return Array(state.naps.values)
        }
    }

    /// Waits for a call after `generation`, for the end, or for `patience`.
    func wait(after generation: Int, atMost patience: Duration) async {
        let nap = state.withLock { state -> (number: Int, task: Task<Void, Never>)? in
            guard state.generation == generation, !state.isOver else { return nil }
            let task = Task { _ = try? await Task.sleep(for: patience) }
            state.lastNap += 1
            state.naps[state.lastNap] = task
            return (state.lastNap, task)
        }
        guard let nap else { return }
        await nap.task.value
        _ = state.withLock { $0.naps.removeValue(forKey: nap.number) }
    }
}
