import Foundation

/// What the service tells a child at work, read on a thread of its own.
///
/// `@unchecked Sendable`: all state is touched with `condition` locked.
final class Commands: @unchecked Sendable {
    private let condition = NSCondition()
    private var permissions = 0
    private var yields = false
    private var isOver = false

    /// Starts reading standard input.
    init() {
        let thread = Thread { [self] in
            while let line = readLine(strippingNewline: false) { take(Array(line.utf8)) }
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
            switch line {
            case WorkerCommandLine.publish: permissions += 1
            case WorkerCommandLine.yield: yields = true
            // What is neither was not written by a service of this version; it ends us in its own time.
            default: break
            }
            condition.broadcast()
        }
    }
}
