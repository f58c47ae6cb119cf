import EventSchema
package import Logging
package import MediaDomain
import Messaging
import Synchronization

/// Works on one leased job: keeps the lease, tells progress, and commits the end together with its event.
///
/// Each upload ends in exactly one `media.ready` or `media.failed`. Trouble with the object store is tried again a few times
/// first; a job whose workers keep dying ends as `crashed`.
package struct JobWorker: Sendable {
    /// How often an upload is tried when the store fails.
    private static let storageAttempts = 4
    /// How many workers a job may take down with it, or lose to crashes.
    private static let maximumAttempts = 12

    private let processor: UploadProcessor
    private let ledger: JobLedger
    private let announcer: MediaAnnouncer
    private let metrics: JobMetrics
    private let logger: Logger
    private let progressInterval: Duration

    package init(
        processor: UploadProcessor,
        ledger: JobLedger,
        announcer: MediaAnnouncer,
        metrics: JobMetrics,
        progressInterval: Duration = .milliseconds(500),
        logger: Logger
    ) {
        self.processor = processor
        self.ledger = ledger
        self.announcer = announcer
        self.metrics = metrics
        self.progressInterval = progressInterval
        self.logger = logger
    }

    /// Begins to shut down: running jobs get their time.
    package func drain() { processor.drain() }

    /// Works on a job to its end, or until its lease is lost.
    package func work(_ lease: JobLease) async {
        failpoint(.leasedBeforeWork)
        let job = lease.job
        _ = await withWorkSpan("work on upload", of: job.eventID, trace: job.trace, failure: \.problem) {
            await workToTheEnd(lease)
        }
    }

    private func workToTheEnd(_ lease: JobLease) async -> JobOutcome {
        var logger = logger
        logger[metadataKey: "media.id"] = "\(lease.job.mediaID.lowercased)"
        if lease.isTakeOver { logger.warning("job taken over", metadata: ["job.attempt": "\(lease.attempt)"]) }
        let start = ContinuousClock.now
        metrics.began()
        let counter = PartCounter()
        let outcome = await keeping(lease, logger) { await process(lease, counter) }
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        metrics.ended(outcome, after: seconds)
        log(outcome, after: seconds, logger)
        failpoint(.publishedBeforeFinish)
        await settle(lease, outcome, hasAdvanced: counter.hasCounted, logger)
        return outcome
    }

    private func process(_ lease: JobLease, _ counter: PartCounter) async -> JobOutcome {
        let job = lease.job
        guard lease.attempt <= Self.maximumAttempts else {
            let attempts = lease.attempt - 1
            return .failed(MediaError(.crashed, "\(attempts) workers died or were stopped at it", retryable: true))
        }
        let announcements = ProgressAnnouncements(interval: progressInterval)
        let parts: PartRecord
        do {
            parts = try await record(of: lease, counter)
        } catch {
            logger.warning("finished parts of a job not found", metadata: ["error": "\(error)"])
            return .interrupted
        }
        return await announcements.during {
            await processor.process(
                eventID: job.eventID,
                mediaID: job.mediaID,
                sourceURI: job.sourceURI,
                parts: parts,
                mayPublish: { await mayPublish(lease) },
                progress: announcements.report
            )
        } announce: { progress, isPlayable in
            await announcer.announce(progress, for: job, tellsAddress: isPlayable)
        }
    }

    /// What earlier attempts made, and where this one's parts are noted.
    private func record(of lease: JobLease, _ counter: PartCounter) async throws -> PartRecord {
        let finished = try await ledger.finishedParts(of: lease)
        return PartRecord(finished: finished) { [ledger, logger] part in
            do {
                if try await ledger.note(part, of: lease) { counter.count() }
            } catch {
                // It is made anew, should it come to that.
                logger.warning("part of a job not noted", metadata: ["error": "\(error)"])
            }
        }
    }

    /// The fence: nothing becomes visible unless the lease is ours, which then lasts for the time that it takes.
    private func mayPublish(_ lease: JobLease) async -> Bool {
        failpoint(.storedBeforePublish)
        return (try? await ledger.renew(lease)) ?? false
    }

    // MARK: The lease

    /// Does `work` and renews the lease meanwhile; cancels it once the lease is lost.
    private func keeping(
        _ lease: JobLease,
        _ logger: Logger,
        _ work: @escaping @Sendable () async -> JobOutcome
    ) async -> JobOutcome {
        await withTaskGroup(of: JobOutcome?.self) { group in
            group.addTask { await work() }
            group.addTask {
                await keep(lease, logger)
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            if let first { return first }
            return await group.next().flatMap(\.self) ?? .interrupted
        }
    }

    /// Renews the lease until it is lost or the task is cancelled.
    private func keep(_ lease: JobLease, _ logger: Logger) async {
        var lastRenewal = ContinuousClock.now
        while !Task.isCancelled {
            try? await Task.sleep(for: JobLedger.leaseTime / 6)
            guard !Task.isCancelled else { return }
            let began = ContinuousClock.now
            switch try? await ledger.renew(lease) {
            case true?: lastRenewal = began
            case false?: return logger.warning("job lost to another worker")
            case nil:
                guard .now - lastRenewal < JobLedger.leaseTime * 0.8 else {
                    return logger.error("job given up: its lease could not be renewed")
                }
            }
        }
    }

    // MARK: The end

    private func settle(_ lease: JobLease, _ outcome: JobOutcome, hasAdvanced: Bool, _ logger: Logger) async {
        do {
            switch outcome {
            case .made(let asset):
                try await finish(lease, outcome, announcer.ready(asset, for: lease.job), logger)
            case .failed(let error) where error.reason == .storageFailed && lease.attempt < Self.storageAttempts:
                try await ledger.giveBack(lease, after: .seconds(5 * lease.attempt), countsAsAttempt: true)
            case .failed(let error):
                try await finish(lease, outcome, announcer.failed(error, for: lease.job), logger)
            case .killed:
                // Whoever gets on, if only by a part, may be killed as often as it comes.
                try await ledger.giveBack(lease, after: .zero, countsAsAttempt: !hasAdvanced)
            case .interrupted, .yielded:
                try await ledger.giveBack(lease, after: .zero, countsAsAttempt: false)
            }
        } catch {
            // The lease runs out, and then somebody takes the job over.
            logger.warning("end of a job not noted", metadata: ["error": "\(error)"])
        }
    }

    private func finish(
        _ lease: JobLease,
        _ outcome: JobOutcome,
        _ message: Message,
        _ logger: Logger
    ) async throws {
        guard try await ledger.finish(lease, as: outcome.word, announcing: message) else {
            return logger.warning("end of a job dropped: another worker has it")
        }
    }

    private func log(_ outcome: JobOutcome, after seconds: Double, _ logger: Logger) {
        var facts: Logger.Metadata = [
            "job.outcome": "\(outcome.word)", "job.seconds": "\((seconds * 100).rounded() / 100)",
        ]
        if case .failed(let error) = outcome { facts["job.message"] = "\(error.message)" }
        if case .made(let asset) = outcome { facts["media.seconds"] = "\(asset.duration)" }
        logger.info("job ended", metadata: facts)
    }
}

extension JobOutcome {
    /// Why an upload is not playable; `nil` if it is, or may still be.
    fileprivate var problem: String? {
        if case .failed(let error) = self { error.message } else { nil }
    }
}

/// Counts the parts that an attempt has made.
private final class PartCounter: Sendable {
    private let hasParts = Atomic(false)

    var hasCounted: Bool { hasParts.load(ordering: .relaxed) }

    func count() { hasParts.store(true, ordering: .relaxed) }
}
