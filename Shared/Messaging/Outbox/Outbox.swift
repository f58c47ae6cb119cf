package import EventSchema
package import Logging
package import Persistence
import Synchronization

/// Where messages wait, durable, until the broker has confirmed them.
///
/// A message that is added in a transaction is published if and only if that transaction commits: at least once, under the
/// same ``Message/messageID`` each time, and in the order in which they were added unless the broker refuses one. What a
/// process leaves behind is published by its next start, or by another instance of the service once it is silent.
///
/// In a `ServiceGroup` it stands between the broker, which it publishes through, and whoever adds to it.
package final class Outbox: Sendable {
    let database: any Database
    let publisher: any MessagePublisher
    let table: OutboxTable
    private let process = UInt64.random(in: .min ... .max)
    let state: Mutex<OutboxState>
    let metrics = OutboxMetrics()
    let logger: Logger

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
        state = Mutex(OutboxState(queue: OutboxQueue(capacity: capacity)))
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

    /// How many messages it knows of that wait for the broker.
    package var count: Int { state.withLock { $0.queue.count } }

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

    func admitWaiters() {
        let waiters = state.withLock { state in
            guard state.queue.hasRoom else { return [CheckedContinuation<Void, Never>]() }
            defer { state.waiters = [:] }
            return Array(state.waiters.values)
        }
        for waiter in waiters { waiter.resume() }
    }
}
