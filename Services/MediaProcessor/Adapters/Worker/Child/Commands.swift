import Foundation

/// What the service tells a child at work, read on a thread of its own.
///
/// `@unchecked Sendable`: all state is touched with `condition` locked.
final class Commands: @unchecked Sendable {
    private let condition = NSCondition()
    private let changeSlots: (Int) -> Void
    private var permissions = 0
    private var notes = 0
    private var yields = false
    private var isOver = false

    /// Starts reading.
    ///
    /// - Parameter changeSlots: Told how many parts may be made at once, whenever the service says so.
    init(_ input: LineReader, changeSlots: @escaping (Int) -> Void) {
        self.changeSlots = changeSlots
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

    /// Whether the job is to stop behind its current parts.
    var mustYield: Bool { condition.withLock { yields } }

    /// Waits for the word to publish; false if it will not come.
    func awaitPermission() -> Bool { awaitWord(\.permissions) }

    /// Waits until a part that was told of is noted; false if that will not be heard.
    func awaitNote() -> Bool { awaitWord(\.notes) }

    private func awaitWord(_ count: ReferenceWritableKeyPath<Commands, Int>) -> Bool {
        condition.withLock {
            while self[keyPath: count] == 0, !isOver { condition.wait() }
            guard self[keyPath: count] > 0 else { return false }
            self[keyPath: count] -= 1
            return true
        }
    }

    private func take(_ line: [UInt8]) {
        if let count = WorkerCommandLine.slots(in: line) { return changeSlots(count) }
        condition.withLock {
            // What is none of these was not written by a service of this version; it ends us in its own time.
            if line == WorkerCommandLine.publish { permissions += 1 }
            if line == WorkerCommandLine.noted { notes += 1 }
            if line == WorkerCommandLine.yield { yields = true }
            condition.broadcast()
        }
    }
}
