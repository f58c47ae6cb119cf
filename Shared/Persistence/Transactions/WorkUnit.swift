import Synchronization

/// A caller's work on its way to a connection, with the way back.
struct WorkUnit: Sendable {
    enum Access: Sendable { case read, write }

    /// How long a caller waits for a connection, and for others' locks.
    static let patience = Duration.seconds(10)

    let access: Access
    /// Runs the work; may be called again, and then only the last run counts.
    let run: @Sendable (SQLTransaction) throws -> Void
    /// Tells the caller, once: `nil` when the work is durable.
    let finish: @Sendable ((any Error)?) -> Void
    /// Whether a connection broke while it ran: it may be the reason, and gets no neighbours again.
    var isSuspect = false
    private let submitted = ContinuousClock.now

    init(
        access: Access,
        run: @escaping @Sendable (SQLTransaction) throws -> Void,
        finish: @escaping @Sendable ((any Error)?) -> Void
    ) {
        self.access = access
        self.run = run
        self.finish = finish
    }

    /// Whether its caller has waited for as long as a caller should.
    var isOverdue: Bool { submitted.duration(to: .now) > Self.patience }
}

extension WorkQueue {
    /// Has a thread of the database run `work`, and returns what it returned.
    func perform<Value: Sendable>(
        _ access: WorkUnit.Access,
        _ work: @escaping @Sendable (SQLTransaction) throws -> Value
    ) async throws -> Value {
        let result = Mutex<Value?>(nil)
        return try await withCheckedThrowingContinuation { continuation in
            let unit = WorkUnit(
                access: access,
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
