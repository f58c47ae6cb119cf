import CFFmpeg
import Dispatch
import Foundation
import Glibc

/// A thread of its own for blocking work, with the stack that codecs expect.
final class WorkerThread {
    private static let stackSize = 4 << 20

    /// How much less the processor's time is for those that give way; see setpriority(2).
    private static let patience: Int32 = 10

    private let hasEnded = DispatchSemaphore(value: 0)

    /// Starts the thread.
    ///
    /// - Parameter name: What tools show of it; they see 15 bytes.
    init(named name: String, _ run: @escaping @Sendable () -> Void) {
        let thread = Thread { [hasEnded] in
            // A name that a thread is given from outside stays inside this process.
            cffmpeg_name_thread(name)
            run()
            hasEnded.signal()
        }
        thread.stackSize = Self.stackSize
        thread.start()
    }

    /// Has the calling thread, and those that it starts from now on, take what others leave of the processor.
    static func giveWay() { _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, patience) }

    /// Waits for its end; called once.
    func join() { hasEnded.wait() }
}
