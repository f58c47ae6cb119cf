import EventSchema
package import Logging
import MediaDomain
import ServiceLifecycle
import Synchronization

/// Stops the work on jobs that were cancelled by whichever processor heard of it, and ends those that nobody works on.
package final class CancelWatch: Service {
    /// How often is looked, which is the longest that this node goes on with a job that another one has cancelled.
    private static let interval = Duration.milliseconds(400)
    /// Jobs that are cleaned up after at once.
    private static let width = 4

    private let ledger: JobLedger
    private let running: RunningJobs
    private let cleaner: JobCleaner
    private let logger: Logger
    private let signal = WakeSignal()
    private let busy = Atomic(0)

    package init(ledger: JobLedger, running: RunningJobs, cleaner: JobCleaner, logger: Logger) {
        self.ledger = ledger
        self.running = running
        self.cleaner = cleaner
        self.logger = logger
    }

    /// A job was cancelled here.
    package func wake() { signal.wake() }

    /// Watches until graceful shutdown; what is being cleaned up then is finished.
    package func run() async throws {
        await withGracefulShutdownHandler {
            await watch()
        } onGracefulShutdown: {
            self.signal.end()
        }
    }

    private func watch() async {
        await withDiscardingTaskGroup { group in
            while !signal.isOver, !Task.isCancelled {
                let generation = signal.generation
                while let lease = await look() {
                    busy.add(1, ordering: .relaxed)
                    group.addTask {
                        await self.cleaner.endCancelled(lease)
                        self.busy.subtract(1, ordering: .relaxed)
                        self.signal.wake()
                    }
                }
                await signal.wait(after: generation, atMost: Self.interval)
            }
        }
    }

    /// Tells our own jobs to stop; returns one that nobody has.
    private func look() async -> JobLease? {
        do {
            let work = try await ledger.cancelling()
            running.stop(work.own)
            // One that there is no room for waits without a lease: others may have room.
            guard work.waits, busy.load(ordering: .relaxed) < Self.width else { return nil }
            return try await ledger.claimCancelled()
        } catch {
            logger.warning("cancelled jobs not looked for", metadata: ["error": "\(error)"])
            return nil
        }
    }
}
