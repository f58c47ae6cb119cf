import Logging
import MediaDomain
import Synchronization

/// Keeps the parts of a leased job, and asks behind each whether others are to have their turn.
final class PartDesk: Sendable {
    private let lease: JobLease
    private let ledger: JobLedger
    private let logger: Logger
    private let yield: @Sendable () -> Void
    private let hasNoted = Atomic(false)

    /// - Parameter yield: Has the job stop behind the parts that it works on.
    init(lease: JobLease, ledger: JobLedger, logger: Logger, yield: @escaping @Sendable () -> Void) {
        self.lease = lease
        self.ledger = ledger
        self.logger = logger
        self.yield = yield
    }

    /// Whether a part was made since the job was leased.
    var hasAdvanced: Bool { hasNoted.load(ordering: .relaxed) }

    /// What earlier attempts made, and where to note what this one does; `nil` if nobody can tell.
    func record() async -> PartRecord? {
        do {
            let finished = try await ledger.finishedParts(of: lease)
            return PartRecord(finished: finished) { [self] part in await note(part) }
        } catch {
            logger.warning("finished parts of a job not found", metadata: ["error": "\(error)"])
            return nil
        }
    }

    private func note(_ part: StoredPart) async {
        do {
            guard try await ledger.note(part, of: lease) else { return }
            hasNoted.store(true, ordering: .relaxed)
            if try await ledger.hasOthersWaiting(than: lease.job.userID) { yield() }
        } catch {
            // It is made anew, should it come to that.
            logger.warning("part of a job not noted", metadata: ["error": "\(error)"])
        }
    }
}
