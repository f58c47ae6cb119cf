import EventSchema
package import Logging
package import MediaDomain
import Messaging
package import ObjectStorage

/// Removes what a job has written that will not be published.
package struct JobCleaner: Sendable {
    private let ledger: JobLedger
    private let remover: VersionRemover
    private let front: PublishedFront
    private let announcer: MediaAnnouncer
    private let logger: Logger

    package init(ledger: JobLedger, store: any ObjectStore, announcer: MediaAnnouncer, logger: Logger) {
        self.ledger = ledger
        remover = VersionRemover(store: store)
        front = PublishedFront(store: store)
        self.announcer = announcer
        self.logger = logger
    }

    /// Cleans up after a cancelled job and ends it; the lease is kept meanwhile.
    func endCancelled(_ lease: JobLease) async {
        let keeper = LeaseKeeper(ledger: ledger)
        _ = await keeper.during(lease, logger: logger) {
            do {
                let (place, reason) = try await ledger.place(of: lease)
                let isCleared = await clear(place, of: lease.job)
                let error = MediaError.cancelled(because: reason)
                failpoint(.clearedBeforeFinish)
                let isOurs = try await ledger.finish(
                    lease,
                    .failed(error),
                    announcing: announcer.failed(error, for: lease.job),
                    leaving: leavings(lease, place, isCleared: isCleared)
                )
                guard isOurs else { return logger.warning("end of a job dropped: another worker has it") }
                logger.info("job cancelled", metadata: ["media.id": "\(lease.job.mediaID.lowercased)"])
            } catch {
                // The lease runs out, and then somebody cleans up again.
                logger.warning("end of a job not noted", metadata: ["error": "\(error)"])
            }
        }
    }

    /// Removes what a job that failed has written.
    ///
    /// - Returns: What has to be removed later.
    /// - Throws: if it cannot be told, or viewers would be left with half of it: then nothing is to follow yet.
    package func clearFailed(_ lease: JobLease) async throws -> [VersionRemoval] {
        guard let place = try await ledger.place(of: lease).0 else { return [] }
        if place.isPublishing, place.replaces != nil {
            // Viewers may be at both versions by now: back to the one that is whole, before the other goes.
            try await front.restore(lease.job.mediaID, from: place.prefix)
        }
        try await ledger.forgetParts(of: lease)
        let isCleared = await clear(place, of: lease.job)
        return leavings(lease, place, isCleared: isCleared)
    }

    /// What is to be removed once more: who lost the lease to us may still have been writing.
    private func leavings(_ lease: JobLease, _ place: JobPlace?, isCleared: Bool) -> [VersionRemoval] {
        guard let place, !isCleared || lease.isTakeOver else { return [] }
        return [VersionRemoval(mediaID: lease.job.mediaID, prefix: place.prefix)]
    }

    /// Returns whether nothing of it is left.
    private func clear(_ place: JobPlace?, of job: UploadJob) async -> Bool {
        guard let place else { return true }
        do throws(ObjectStoreError) {
            let removal = VersionRemoval(mediaID: job.mediaID, prefix: place.prefix)
            try await remover.remove(removal, withFront: place.isPublishing && place.replaces == nil)
            return true
        } catch {
            logger.warning(
                "leavings of a job not removed",
                metadata: ["media.id": "\(job.mediaID.lowercased)", "error": "\(error)"]
            )
            return false
        }
    }
}
