import Synchronization

/// A value that tests can wait on.
package final class Watched<Value: Sendable>: Sendable {
    private struct State: Sendable {
        var value: Value
        var watchers: [Int: AsyncStream<Void>.Continuation] = [:]
        var nextID = 0
    }

    private let state: Mutex<State>

    package init(_ value: Value) {
        state = Mutex(State(value: value))
    }

    package var value: Value { state.withLock(\.value) }

    /// Changes the value and wakes who waits on it.
    @discardableResult
    package func update<Result: Sendable, Failure: Error>(
        _ change: (inout Value) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try state.withLock { state throws(Failure) in
            defer { for watcher in state.watchers.values { watcher.yield() } }
            return try change(&state.value)
        }
    }

    /// Waits until `condition` holds and returns the value for which it did.
    ///
    /// - Throws: `CancellationError`, so that a test's time limit ends a wait in vain.
    @discardableResult
    package func wait(until condition: @Sendable (Value) -> Bool) async throws -> Value {
        let (changes, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let id = state.withLock { state in
            state.nextID += 1
            state.watchers[state.nextID] = continuation
            return state.nextID
        }
        defer { state.withLock { _ = $0.watchers.removeValue(forKey: id) } }
        if condition(value) { return value }
        for await _ in changes {
            let value = value
            if condition(value) { return value }
        }
        throw CancellationError()
    }
}
