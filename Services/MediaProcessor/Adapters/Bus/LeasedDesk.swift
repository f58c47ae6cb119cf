import EventSchema
import MediaDomain
import Messaging
import ObjectStorage
import Synchronization

/// Answers what the work on a leased job asks; see ``JobDesk``.
final class LeasedDesk: Sendable {
    /// How often is tried to keep what is published, and the time between, doubling.
    private static let attempts = 4
    private static let pause = Duration.milliseconds(250)

    private let lease: JobLease
    private let ledger: JobLedger
    private let front: PublishedFront
    private let trouble = Mutex<MediaError?>(nil)

    init(lease: JobLease, ledger: JobLedger, front: PublishedFront) {
        self.lease = lease
        self.ledger = ledger
        self.front = front
    }

    /// Why the work was not let go on, where that is nobody's wish.
    var refusal: MediaError? { trouble.withLock { $0 } }

    func place(published: String?) async -> String? {
        do {
            return try await ledger.place(lease, published: published)
        } catch {
            return nil
        }
    }

    /// The fence: nothing becomes visible unless the lease is ours and the job still wanted.
    func mayPublish(replacing: String?) async -> Bool {
        failpoint(.storedBeforePublish)
        guard let place = try? await ledger.place(of: lease).0 else { return false }
        // Not again: what is there by now may be half ours.
        if replacing != nil, !place.isPublishing, await !keepFront(with: place.prefix) { return false }
        return (try? await ledger.beginPublishing(lease, replacing: replacing)) ?? false
    }

    private func keepFront(with prefix: String) async -> Bool {
        var pause = Self.pause
        for attempt in 1...Self.attempts {
            do throws(ObjectStoreError) {
                try await front.keep(lease.job.mediaID, with: prefix)
                return true
            } catch {
                guard attempt == Self.attempts || error.code != .unavailable else {
                    try? await Task.sleep(for: pause)
                    pause *= 2
                    continue
                }
                trouble.withLock { $0 = MediaError(.storageFailed, error.message, retryable: true) }
                return false
            }
        }
        return false
    }
}
