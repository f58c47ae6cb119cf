import OutboundHTTP

/// How often something is tried, and how long is waited in between.
package struct RetryPolicy: Sendable {
    /// Tries in all.
    package var attempts = 5
    /// Before the second try; it doubles from then on.
    package var firstPause = Duration.milliseconds(200)
    /// What it doubles up to.
    package var longestPause = Duration.seconds(5)
    /// After which nothing is tried again.
    package var total = Duration.seconds(60)

    package init() {}

    /// How long to wait after a failed attempt; `nil` if there shall be no other.
    ///
    /// - Parameters:
    ///   - attempt: The attempt that failed, from 1.
    ///   - elapsed: Since the first one began.
    ///   - wish: What the server asked for: never less than that is waited.
    ///   - chance: From 0 to 1; spreads clients that failed together, over the upper half of the pause.
    package func pause(after attempt: Int, elapsed: Duration, wish: Duration?, chance: Double) -> Duration? {
        guard attempt < attempts else { return nil }
        let doubled = min(firstPause * (1 << min(attempt - 1, 20)), longestPause)
        let pause = max(doubled * (0.5 + chance / 2), wish ?? .zero)
        return elapsed + pause < total ? pause : nil
    }
}

/// What became of one attempt.
enum Attempt<Value: Sendable>: Sendable {
    case done(Value)
    /// Trying again would change nothing.
    case failed(ObjectStoreError)
    /// Trying again may help, after the wish of the server.
    case again(ObjectStoreError, after: Duration? = nil)
}

extension RetryPolicy {
    /// Runs `body` until it is done, has failed, or the patience is at its end; then the last error is thrown.
    ///
    /// Cancelling the task ends it with `cancelled`.
    func run<Value: Sendable>(
        _ body: @Sendable (_ attempt: Int) async -> Attempt<Value>
    ) async throws(ObjectStoreError) -> Value {
        let start = ContinuousClock.now
        for attempt in 1... {
            let outcome = await body(attempt)
            if Task.isCancelled { throw .cancelled }
            switch outcome {
            case .done(let value): return value
            case .failed(let error): throw error
            case .again(let error, let wish):
                let elapsed = ContinuousClock.now - start
                guard
                    let pause = pause(after: attempt, elapsed: elapsed, wish: wish, chance: .random(in: 0...1))
                else { throw error }
                guard (try? await Task.sleep(for: pause)) != nil else { throw .cancelled }
            }
        }
        throw .cancelled
    }
}

extension ObjectStoreError {
    static let cancelled = ObjectStoreError(.cancelled, "it was stopped")
}
