import Dispatch
import Foundation

/// A thread of its own for blocking work, with the stack that codecs expect.
final class WorkerThread {
    private static let stackSize = 4 << 20

    private let hasEnded = DispatchSemaphore(value: 0)

    /// Starts the thread.
    init(named name: String, _ run: @escaping @Sendable () -> Void) {
        let thread = Thread { [hasEnded] in
            run()
            hasEnded.signal()
        }
        thread.name = name
        thread.stackSize = Self.stackSize
        thread.start()
    }

    /// Waits for its end; called once.
    func join() { hasEnded.wait() }
}
