import Logging
import MediaDomain
import Synchronization

/// How far a job is, as it said last.
final class ProgressBoard: Sendable {
    private let progress = Mutex<JobProgress?>(nil)

    var latest: JobProgress? { progress.withLock { $0 } }

    func report(_ report: JobProgress) { progress.withLock { $0 = report } }
}

/// Keeps a lease while somebody works on the job.
struct LeaseKeeper: Sendable {
    /// Between two looks at the job's progress; each that finds some is noted.
    private static let tick = Duration.seconds(1)

    private let ledger: JobLedger

    init(ledger: JobLedger) {
        self.ledger = ledger
    }

    /// Does `work` and renews the lease meanwhile; cancels the work once the lease is lost, the job is cancelled, or
    /// `stops` tells something.
    func during<Result: Sendable>(
        _ lease: JobLease,
        _ board: ProgressBoard? = nil,
        stops: AsyncStream<Void>? = nil,
        logger: Logger,
        _ work: @escaping @Sendable () async -> Result
    ) async -> Result? {
        await withTaskGroup(of: Result?.self) { group in
            group.addTask { await work() }
            group.addTask {
                await keep(lease, board, logger)
                return nil
            }
            if let stops {
                group.addTask {
                    for await _ in stops { break }
                    return nil
                }
            }
            var result = await group.next() ?? nil
            group.cancelAll()
            for await other in group { result = result ?? other }
            return result
        }
    }

    /// Renews the lease until it is of no more use or the task is cancelled.
    private func keep(_ lease: JobLease, _ board: ProgressBoard?, _ logger: Logger) async {
        var lastRenewal = ContinuousClock.now
        var noted: JobProgress?
        while !Task.isCancelled {
            try? await Task.sleep(for: Self.tick)
            guard !Task.isCancelled else { return }
            let began = ContinuousClock.now
            let progress = board?.latest
            if progress == noted, began - lastRenewal < JobLedger.leaseTime / 6 { continue }
            switch try? await ledger.renew(lease, progress: progress) {
            case .held?: (lastRenewal, noted) = (began, progress)
            case .cancelled? where board == nil: lastRenewal = began
            case .cancelled?: return
            case .lost?: return logger.warning("job lost to another worker")
            case nil:
                guard .now - lastRenewal < JobLedger.leaseTime * 0.8 else {
                    return logger.error("job given up: its lease could not be renewed")
                }
            }
        }
    }
}
