package import MediaDomain
import Synchronization

/// Shares out the slots of this process: each job that is worked on has one, and those that no job waits for go to jobs
/// that can work on several parts at once.
///
/// A job that comes has its slot at once: others give theirs back behind the parts that they work on.
package final class SlotShares: Sendable {
    package let count: Int
    private let jobs = Mutex<[PartSlots]>([])

    package init(_ count: Int) { self.count = count }

    /// Notes that a job is worked on; what it may use at once changes until ``end(_:)``.
    package func begin() -> PartSlots {
        let slots = PartSlots()
        share { $0.append(slots) }
        return slots
    }

    package func end(_ slots: PartSlots) {
        share { $0.removeAll { $0 === slots } }
    }

    /// Whether a job that comes would have to wait for the end of one that is worked on.
    package var areTaken: Bool { jobs.withLock { $0.count >= count } }

    /// Evenly; what is left over goes to those that began first.
    private func share(_ change: (inout [PartSlots]) -> Void) {
        jobs.withLock { jobs in
            change(&jobs)
            let spare = max(0, count - jobs.count)
            for (index, job) in jobs.enumerated() {
                job.change(to: 1 + spare / jobs.count + (index < spare % jobs.count ? 1 : 0))
            }
        }
    }
}
