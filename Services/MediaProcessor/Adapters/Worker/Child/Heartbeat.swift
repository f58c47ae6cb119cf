import Foundation
import MediaDomain

/// Tells the service while the work goes on: a picture that takes a minute to decode is silence, a pipeline that moves
/// is not.
///
/// `@unchecked Sendable`: `isOver` is touched with `condition` locked.
final class Heartbeat: @unchecked Sendable {
    private let condition = NSCondition()
    private var isOver = false

    /// Beats every `interval` seconds in which something was done, until ``stop()``.
    init(every interval: Double, beat: @escaping @Sendable (Int) -> Void) {
        let thread = Thread { [self] in
            var last = Pulse.beats
            while waits(interval) {
                let count = Pulse.beats
                if count != last { beat(count) }
                last = count
            }
        }
        thread.name = "heartbeat"
        thread.start()
    }

    func stop() {
        condition.withLock {
            isOver = true
            condition.signal()
        }
    }

    /// False once it is over.
    private func waits(_ seconds: Double) -> Bool {
        condition.withLock {
            let end = Date(timeIntervalSinceNow: seconds)
            while !isOver, condition.wait(until: end) {}
            return !isOver
        }
    }
}
