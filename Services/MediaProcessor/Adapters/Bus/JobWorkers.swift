package import Logging
import MediaDomain
import ServiceLifecycle

/// Works on jobs, as many at once as there are slots; other processors on the same database take their share.
package final class JobWorkers: Service {
    /// How often is looked for jobs that others gave back or left.
    private static let interval = Duration.seconds(2)

    private let ledger: JobLedger
    private let worker: JobWorker
    private let shares: SlotShares
    private let logger: Logger
    private let signal = WakeSignal()

    package init(ledger: JobLedger, worker: JobWorker, shares: SlotShares, logger: Logger) {
        self.ledger = ledger
        self.worker = worker
        self.shares = shares
        self.logger = logger
    }

    /// There may be a new job.
    package func wake() { signal.wake() }

    /// Works until graceful shutdown; then jobs get their time, and what they did not finish in it is given back.
    package func run() async throws {
        await withGracefulShutdownHandler {
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<shares.count { group.addTask { await self.serve() } }
            }
        } onGracefulShutdown: {
            self.signal.end()
            self.worker.drain()
        }
    }

    /// One slot.
    private func serve() async {
        while !signal.isOver, !Task.isCancelled {
            let generation = signal.generation
            if let lease = await claim() {
                await worker.work(lease)
            } else {
                await signal.wait(after: generation, atMost: Self.interval)
            }
        }
    }

    private func claim() async -> JobLease? {
        do {
            return try await ledger.claim()
        } catch {
            logger.warning("no job can be taken", metadata: ["error": "\(error)"])
            return nil
        }
    }
}
