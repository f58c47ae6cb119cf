package import EventSchema
package import Logging
package import Persistence
import ServiceLifecycle
import Synchronization

/// Where messages wait, durable, until the broker has confirmed them.
///
/// A message that is added in a transaction is published if and only if that transaction commits: at least once, under the
/// same ``Message/messageID`` each time, and in the order in which they were added unless the broker refuses one. What a
/// process leaves behind is published by its next start, or by another instance of the service once it is silent.
///
/// In a `ServiceGroup` it stands between the broker, which it publishes through, and whoever adds to it.
package final class Outbox: Service {
    /// How long an instance counts as alive after it last said so.
    static let lifetime = Duration.seconds(30)
    /// Between two looks at what other instances left, and at retries.
    private static let interval = Duration.seconds(5)
    private static let tick = Duration.milliseconds(200)
    private static let page = 500
    /// How long messages in hand may take to be confirmed once we stop; the rest stays for the next start.
    private static let drainTime = Duration.seconds(3)

    private struct State {
        var queue: OutboxQueue
        var lastID: UInt64 = 0
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
        var nextWaiter = 0
        /// The last refusal that nobody has been told of.
        var refusal: MessagingError?
        var isRunning = false
        private var isPumping = false
        private var isPumpWanted = false

        init(queue: OutboxQueue) {
            self.queue = queue
        }

        /// False if somebody else pumps, who will go round once more.
        mutating func beginPumping() -> Bool {
            if isPumping { isPumpWanted = true }
            defer { isPumping = true }
            return !isPumping
        }

        mutating func isToPumpAgain() -> Bool {
            defer { isPumpWanted = false }
            isPumping = isPumpWanted
            return isPumping
        }
    }

    private let database: any Database
    private let publisher: any MessagePublisher
    private let table: OutboxTable
    private let process = UInt64.random(in: .min ... .max)
    private let state: Mutex<State>
    private let metrics = OutboxMetrics()
    private let logger: Logger

    /// - Parameters:
    ///   - service: The program: only its own instances take over what one of them has left.
    ///   - instance: This process; unique among the running ones.
    ///   - capacity: Messages that may wait before ``room()`` makes callers wait.
    package init(
        database: any Database,
        publisher: any MessagePublisher,
        service: String,
        instance: String,
        capacity: Int = 10_000,
        logger: Logger
    ) {
        self.database = database
        self.publisher = publisher
        self.logger = logger
        table = OutboxTable(service: service, instance: instance)
        state = Mutex(State(queue: OutboxQueue(capacity: capacity)))
    }

    // MARK: Adding

    /// Adds a message to `transaction`.
    package func add(
        _ message: Message,
        to destination: Destination,
        in transaction: SQLTransaction
    ) throws(DatabaseError) {
        let now = Timestamp.now.milliseconds
        let entry = OutboxEntry(id: nextID(now), message: message, destination: destination, createdAt: now)
        try table.insert(entry, in: transaction)
        transaction.afterCommit { self.committed(entry) }
    }

    /// Adds an event to `transaction`, for the `events` exchange under its type as routing key.
    package func add(
        _ envelope: Envelope,
        trace: TraceContext = TraceContext(),
        in transaction: SQLTransaction
    ) throws(DatabaseError) {
        let destination = Destination(exchange: Topology.Exchange.events, routingKey: envelope.eventType)
        try add(Message(envelope, trace: trace), to: destination, in: transaction)
    }

    private func nextID(_ milliseconds: Int64) -> OutboxID {
        let now = UInt64(max(0, milliseconds)) * 1000
        let time = state.withLock { state in
            state.lastID = max(state.lastID + 1, now)
            return state.lastID
        }
        return OutboxID(time: time, process: process)
    }

    private func committed(_ entry: OutboxEntry) {
        state.withLock { $0.queue.add(entry) }
        pump()
    }

    // MARK: Back-pressure

    /// Whether fewer messages wait than the capacity.
    package var hasRoom: Bool { state.withLock { $0.queue.hasRoom } }

    /// Waits for room: who adds calls it first, so that a broker that takes nothing slows its producers down instead of
    /// filling the disk.
    ///
    /// - Throws: `CancellationError`.
    package func room() async throws(CancellationError) {
        while !hasRoom {
            let id = state.withLock { state in
                state.nextWaiter += 1
                return state.nextWaiter
            }
            await withTaskCancellationHandler {
                await withCheckedContinuation { wait($0, as: id) }
            } onCancel: {
                state.withLock { $0.waiters.removeValue(forKey: id) }?.resume()
            }
            if Task.isCancelled { throw CancellationError() }
        }
    }

    private func wait(_ continuation: CheckedContinuation<Void, Never>, as id: Int) {
        let mayGo = state.withLock { state in
            if state.queue.hasRoom || Task.isCancelled { return true }
            state.waiters[id] = continuation
            return false
        }
        if mayGo { continuation.resume() }
    }

    private func admitWaiters() {
        let waiters = state.withLock { state in
            guard state.queue.hasRoom else { return [CheckedContinuation<Void, Never>]() }
            defer { state.waiters = [:] }
            return Array(state.waiters.values)
        }
        for waiter in waiters { waiter.resume() }
    }
}

// MARK: - Publishing

extension Outbox {
    /// Publishes what there is to publish, and deletes what there is to delete; from any thread, without waiting.
    ///
    /// One thread at a time, and it goes round for those that came meanwhile: messages keep their order, and a publisher that
    /// refuses each at once does not make this call itself for each.
    private func pump() {
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

// MARK: - Service

extension Outbox {
    /// Publishes until graceful shutdown; then gives what is in hand a little time, and leaves the rest on disk.
    package func run() async throws {
        state.withLock { $0.isRunning = true }
        await cancelWhenGracefulShutdown { await self.keep() }
        await drain()
        state.withLock { $0.isRunning = false }
        try? await database.write { [table] transaction in try table.retire(in: transaction) }
    }

    private func keep() async {
        var lastLook: ContinuousClock.Instant?
        while !Task.isCancelled {
            if lastLook.map({ .now - $0 >= Self.interval }) ?? true {
                await look()
                lastLook = .now
            }
            await load()
            pump()
            report()
            try? await Task.sleep(for: Self.tick)
        }
    }

    /// Says that we live, and looks for what others left.
    private func look() async {
        let now = Timestamp.now.milliseconds
        let deadline = now + Int64(Self.lifetime / .milliseconds(1))
        do {
            let (adopted, oldest) = try await database.write { [table] transaction in
                try table.announce(aliveUntil: deadline, in: transaction)
                return (try table.adopt(now: now, in: transaction), try table.oldest(in: transaction))
            }
            metrics.record(oldestAge: oldest.map { Double(now - $0) / 1000 } ?? 0)
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
