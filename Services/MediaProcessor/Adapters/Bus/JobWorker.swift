import EventSchema
package import Logging
package import MediaDomain
import Messaging
package import ObjectStorage

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
    private let keeper: LeaseKeeper
    private let cleaner: JobCleaner
    private let running: RunningJobs
    private let shares: SlotShares
    private let front: PublishedFront
    private let announcer: MediaAnnouncer
    private let metrics: JobMetrics
    private let logger: Logger
    private let progressInterval: Duration

    package init(
        processor: UploadProcessor,
        ledger: JobLedger,
        cleaner: JobCleaner,
        running: RunningJobs,
        shares: SlotShares,
        store: any ObjectStore,
        announcer: MediaAnnouncer,
        metrics: JobMetrics,
        progressInterval: Duration = .milliseconds(500),
        logger: Logger
    ) {
        self.processor = processor
        self.ledger = ledger
        keeper = LeaseKeeper(ledger: ledger)
        self.cleaner = cleaner
        self.running = running
        self.shares = shares
        front = PublishedFront(store: store)
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
        let parts = PartDesk(lease: lease, ledger: ledger, logger: logger) { [processor, shares] in
            // Otherwise whoever waits is about to be taken up here.
            if shares.areTaken { processor.yield(lease.job.eventID) }
        }
        let outcome = await workUntilStopped(lease, parts, logger)
        failpoint(.publishedBeforeFinish)
        let isCancelled = await settle(lease, outcome, hasAdvanced: parts.hasAdvanced, logger)
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        metrics.ended(outcome, isCancelled: isCancelled, after: seconds)
        if !isCancelled { log(outcome, after: seconds, logger) }
        return outcome
    }

    private func workUntilStopped(_ lease: JobLease, _ parts: PartDesk, _ logger: Logger) async -> JobOutcome {
        let stops = running.add(lease.job.eventID)
        defer { running.remove(lease.job.eventID) }
        let slots = shares.begin()
        defer { shares.end(slots) }
        let board = ProgressBoard()
        let outcome = await keeper.during(lease, board, stops: stops, logger: logger) {
            await process(lease, board, parts, slots)
        }
        return outcome ?? .interrupted
    }

    private func process(
        _ lease: JobLease,
        _ board: ProgressBoard,
        _ parts: PartDesk,
        _ slots: PartSlots
    ) async -> JobOutcome {
        guard lease.attempt <= Self.maximumAttempts else {
            let attempts = lease.attempt - 1
            return .failed(MediaError(.crashed, "\(attempts) workers died or were stopped at it", retryable: true))
        }
        let announcements = ProgressAnnouncements(interval: progressInterval)
        guard let record = await parts.record() else { return .interrupted }
        let desk = LeasedDesk(lease: lease, ledger: ledger, front: front)
        let outcome = await announcements.during {
            await processor.process(
                lease.job,
                JobDesk(parts: record, slots: slots, place: desk.place, mayPublish: desk.mayPublish) { progress in
                    board.report(progress)
                    announcements.report(progress)
                }
            )
        } announce: { progress, isPlayable in
            await announcer.announce(progress, for: lease.job, tellsAddress: isPlayable)
        }
        if case .interrupted = outcome, let refusal = desk.refusal { return .failed(refusal) }
        return outcome
    }

    // MARK: The end

    /// Ends the job or gives it back; true if nobody wants it any more.
    private func settle(
        _ lease: JobLease,
        _ outcome: JobOutcome,
        hasAdvanced: Bool,
        _ logger: Logger
    ) async -> Bool {
        do {
            if try await end(lease, outcome, hasAdvanced: hasAdvanced, logger) { return false }
            if try await ledger.renew(lease) == .cancelled {
                await cleaner.endCancelled(lease)
                return true
            }
            logger.warning("end of a job dropped: another worker has it")
        } catch {
            // The lease runs out, and then somebody takes the job over.
            logger.warning("end of a job not noted", metadata: ["error": "\(error)"])
        }
        return false
    }

    /// Returns false if the job is not ours to end, or cancelled.
    private func end(
        _ lease: JobLease,
        _ outcome: JobOutcome,
        hasAdvanced: Bool,
        _ logger: Logger
    ) async throws -> Bool {
        let job = lease.job
        switch outcome {
        case .made(let asset):
            let isOurs = try await ledger.finish(lease, .made(asset), announcing: announcer.ready(asset, for: job))
            if isOurs, !asset.prefix.isEmpty { try? await front.forget(job.mediaID, with: asset.prefix) }
            return isOurs
        case .replaced(let asset):
            return try await finish(lease, .replaced(by: asset), announcer.ready(asset, for: job), logger)
        case .failed(let error) where error.reason == .storageFailed && lease.attempt < Self.storageAttempts:
            return try await ledger.giveBack(lease, .retry(error), after: .seconds(5 * lease.attempt))
        case .failed(let error):
            return try await finish(lease, .failed(error), announcer.failed(error, for: job), logger)
        case .killed(let error):
            // Whoever gets on, if only by a part, may be killed as often as it comes.
            return try await ledger.giveBack(lease, hasAdvanced ? .interrupted : .retry(error))
        case .yielded:
            return try await ledger.giveBack(lease, .yielded)
        case .interrupted:
            return try await ledger.giveBack(lease, .interrupted)
        }
    }

    /// Ends a job of which nothing is published, once what it has written is removed.
    private func finish(
        _ lease: JobLease,
        _ ending: JobEnding,
        _ message: Message,
        _ logger: Logger
    ) async throws -> Bool {
        let cleared = await keeper.during(lease, logger: logger) {
            await Result<[VersionRemoval], any Error>.catching { try await cleaner.clearFailed(lease) }
        }
        guard let leaving = try cleared?.get() else { return false }
        failpoint(.clearedBeforeFinish)
        return try await ledger.finish(lease, ending, announcing: message, leaving: leaving)
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

extension Result where Failure == any Error {
    fileprivate static func catching(_ work: () async throws -> Success) async -> Result {
        do {
            return .success(try await work())
        } catch {
            return .failure(error)
        }
    }
}
