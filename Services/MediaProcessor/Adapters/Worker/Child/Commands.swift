import Foundation

/// What the service tells a child at work, read on a thread of its own.
///
/// `@unchecked Sendable`: all state is touched with `condition` locked.
final class Commands: @unchecked Sendable {
    private let condition = NSCondition()
    private var permissions = 0
    private var yields = false
    private var isOver = false

    /// Starts reading.
    init(_ input: LineReader) {
        let thread = Thread { [self] in
            while let line = input.next() { take(line) }
            condition.withLock {
                isOver = true
                condition.broadcast()
            }
        }
        thread.name = "commands"
        thread.start()
    }

    /// Whether the job is to stop behind its current part.
    var mustYield: Bool { condition.withLock { yields } }

    /// Waits for the word to publish; false if it will not come.
    func awaitPermission() -> Bool {
        condition.withLock {
            while permissions == 0, !isOver { condition.wait() }
            guard permissions > 0 else { return false }
            permissions -= 1
            return true
        }
    }

    private func take(_ line: [UInt8]) {
        condition.withLock {
            // What is neither was not written by a service of this version; it ends us in its own time.
            if line == WorkerCommandLine.publish { permissions += 1 }
            if line == WorkerCommandLine.yield { yields = true }
            condition.broadcast()
        }
    }
}
