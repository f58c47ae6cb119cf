import Synchronization

/// A caller's work on its way to a connection, with the way back.
struct WorkUnit: Sendable {
    /// Runs the work; may be called again, and then only the last run counts.
    let run: @Sendable (SQLTransaction) throws -> Void
    /// Tells the caller, once: `nil` when the work is durable.
    let finish: @Sendable ((any Error)?) -> Void
}

extension WorkQueue {
    /// Has a thread of the database run `work`, and returns what it returned.
    func perform<Value: Sendable>(
        _ work: @escaping @Sendable (SQLTransaction) throws -> Value
    ) async throws -> Value {
        let result = Mutex<Value?>(nil)
        return try await withCheckedThrowingContinuation { continuation in
            let unit = WorkUnit(
                run: { transaction in
                    let value = try work(transaction)
                    result.withLock { $0 = value }
                },
                finish: { error in
                    if let error { return continuation.resume(throwing: error) }
                    guard let value = result.withLock({ $0 }) else { preconditionFailure("durable before it ran") }
                    continuation.resume(returning: value)
                }
            )
            if let refusal = submit(unit) { continuation.resume(throwing: refusal) }
        }
    }
}
