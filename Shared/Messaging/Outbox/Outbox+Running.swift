import EventSchema
import Logging
import Persistence
import ServiceLifecycle
import Synchronization

extension Outbox: Service {
    private static let tick = Duration.milliseconds(200)
    private static let page = 500
    /// How long messages in hand may take to be confirmed once we stop; the rest stays for the next start.
    private static let drainTime = Duration.seconds(3)

    /// Publishes until graceful shutdown; then gives what is in hand a little time, and leaves the rest on disk.
    package func run() async throws {
        state.withLock { $0.isRunning = true }
        await cancelWhenGracefulShutdown { await self.keep() }
        await drain()
        state.withLock { $0.isRunning = false }
        try? await database.write { [table] transaction in try table.retire(in: transaction) }
    }

    private func keep() async {
        var vigil = OutboxVigil()
        while !Task.isCancelled {
            if vigil.isDue(at: .now) { await look(&vigil) }
            await load()
            pump()
            report()
            try? await Task.sleep(for: Self.tick)
        }
    }

    /// Says that we live, and looks for what others left.
    private func look(_ vigil: inout OutboxVigil) async {
        vigil.tries(at: .now)
        do {
            let (adopted, oldest) = try await database.write { [table, vigil] transaction in
                try table.announce(for: OutboxVigil.lifetime, in: transaction)
                let adopted = vigil.mayJudge(at: .now) ? try table.adopt(in: transaction) : 0
                return (adopted, try table.oldest(in: transaction))
            }
            vigil.spoke(at: .now)
            metrics.record(oldestAge: oldest.map { Double(Timestamp.now.milliseconds - $0) / 1000 } ?? 0)
            guard adopted > 0 else { return }
            metrics.adopted(adopted)
            logger.notice("outbox rows of another instance taken over", metadata: ["outbox.rows": "\(adopted)"])
            state.withLock { $0.queue.markMore() }
        } catch {
            logger.warning("outbox not looked after", metadata: ["error": "\(error)"])
        }
    }

    private func load() async {
        while state.withLock({ $0.queue.beginLoad() }) {
            let cursor = state.withLock(\.queue.cursor)
            do {
                let entries = try await database.read { [table] transaction in
                    try table.load(after: cursor, atMost: Self.page, in: transaction)
                }
                state.withLock { $0.queue.loaded(entries, isLast: entries.count < Self.page) }
                pump()
            } catch {
                state.withLock { $0.queue.loadFailed() }
                return logger.error("outbox cannot be read", metadata: ["error": "\(error)"])
            }
        }
    }

    private func report() {
        let (count, refusal) = state.withLock { state in
            defer { state.refusal = nil }
            return (state.queue.count, state.refusal)
        }
        metrics.record(pending: count)
        guard let refusal else { return }
        logger.warning(
            "messages wait for the broker",
            metadata: ["outbox.pending": "\(count)", "error": "\(refusal)"]
        )
    }

    private func drain() async {
        let end = ContinuousClock.now + Self.drainTime
        while !state.withLock({ $0.queue.isEmpty }), .now < end {
            pump()
            // In a task of its own: in a cancelled one no sleep lasts.
            await Task { try? await Task.sleep(for: .milliseconds(10)) }.value
        }
    }
}
