import Foundation
import MediaDomain

/// Where the threads that make parts leave what came of them.
///
/// `@unchecked Sendable`: all state is touched with `condition` locked.
final class PartEnds: @unchecked Sendable {
    struct End {
        let part: PartPlan
        /// `nil` if the part has no pictures.
        let outcome: Result<PartResult?, MediaError>
    }

    private let condition = NSCondition()
    private var ends: [End] = []
    private var isAwake = false

    func put(_ end: End) {
        condition.withLock {
            ends.append(end)
            condition.broadcast()
        }
    }

    /// There is something else to be looked at.
    func wake() {
        condition.withLock {
            isAwake = true
            condition.broadcast()
        }
    }

    /// Waits until a part has ended, or for ``wake()``.
    func wait() -> [End] {
        condition.withLock {
            while ends.isEmpty, !isAwake { condition.wait() }
            defer { (ends, isAwake) = ([], false) }
            return ends
        }
    }
}
