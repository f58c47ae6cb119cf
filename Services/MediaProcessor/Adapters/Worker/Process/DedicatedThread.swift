import Foundation

/// A thread for work that blocks for long, which Swift's own threads must not do.
package enum DedicatedThread {
    /// Runs `work` in a new thread and returns what it returns, once it has.
    package static func run<Result: Sendable>(
        named name: String,
        _ work: @escaping @Sendable () -> Result
    ) async -> Result {
        await withCheckedContinuation { continuation in
            let thread = Thread { continuation.resume(returning: work()) }
            thread.name = name
            thread.start()
        }
    }
}
