import Persistence
import Synchronization

extension Outbox {
    /// Publishes what there is to publish, and deletes what there is to delete; from any thread, without waiting.
    ///
    /// One thread at a time, and it goes round for those that came meanwhile: messages keep their order, and a publisher that
    /// refuses each at once does not make this call itself for each.
    func pump() {
        guard state.withLock({ $0.beginPumping() }) else { return }
        repeat {
            let (entries, deletable) = state.withLock { state in
                (state.isRunning ? state.queue.next(now: .now) : [], state.queue.takeDeletable())
            }
            for entry in entries { publish(entry) }
            if let deletable { Task { await delete(deletable) } }
        } while state.withLock({ $0.isToPumpAgain() })
    }

    private func publish(_ entry: OutboxEntry) {
        publisher.publish(entry.message, to: entry.destination, guarantee: .confirmed) { result in
            if case .success = result { failpoint(.publishedBeforeDelete) }
            self.state.withLock { state in
                switch result {
                case .success: state.queue.confirm(entry)
                case .failure(let error):
                    state.refusal = error
                    state.queue.fail(entry, retryingAt: .now + Self.pause(afterFailures: entry.failures))
                }
            }
            self.metrics.count(result)
            self.pump()
        }
    }

    /// 200 ms, doubling up to 30 s.
    private static func pause(afterFailures failures: Int) -> Duration {
        min(.milliseconds(200) * (1 << min(failures, 10)), .seconds(30))
    }

    private func delete(_ ids: [OutboxID]) async {
        do {
            try await database.write { [table] transaction in try table.delete(ids, in: transaction) }
            state.withLock { $0.queue.deleted(ids) }
            admitWaiters()
        } catch {
            state.withLock { $0.queue.deletionFailed(ids) }
            // The database says in its own lines what is wrong with it; the next tick tries again.
            return
        }
        pump()
    }
}
