import Dispatch

/// A sign from one thread to another, or to a task: a work on a database's thread cannot await.
final class Signal: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)
    private let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() {
        (stream, continuation) = AsyncStream.makeStream(of: Void.self)
    }

    /// Gives the sign, once and for all.
    func give() {
        continuation.finish()
        semaphore.signal()
    }

    /// Blocks the thread until it is given.
    func block() {
        semaphore.wait()
        semaphore.signal()
    }

    /// Waits until it is given.
    func come() async {
        for await _ in stream {}
    }
}
