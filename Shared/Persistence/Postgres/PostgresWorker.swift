import Foundation

/// One connection of a pool and the thread that it belongs to.
final class PostgresWorker {
    /// Works of one commit.
    ///
    /// Each takes a round trip: more of them would make the first wait, and hold locks for longer.
    private static let batch = 64
    /// How often an idle connection is looked at, in seconds.
    private static let checkInterval = 1.0
    /// How often a thread that cannot connect looks after callers, in seconds.
    private static let napInterval = 0.05

    private let pool: PostgresPool
    /// The first keeps a connection, so that the pool knows how the database is; the others make one when they must.
    private let isFirst: Bool
    private var session: PostgresSession?
    private var pace = ReconnectPace()

    init(_ pool: PostgresPool, isFirst: Bool) {
        self.pool = pool
        self.isFirst = isFirst
    }

    /// Runs what comes until the queue is closed and empty.
    ///
    /// - Parameter connected: Asks for a connection first, is told how that went, and an error ends the thread.
    func run(_ connected: ((DatabaseError?) -> Void)?) {
        if let connected {
            let failure = connect()
            connected(failure)
            guard failure == nil else { return }
        }
        while !pool.queue.isFinished {
            if let session { serve(session) } else { reconnect() }
        }
    }

    // MARK: With a connection

    private func serve(_ session: PostgresSession) {
        let end = Date(timeIntervalSinceNow: Self.checkInterval)
        guard let units = pool.queue.take(atMost: Self.batch, until: end) else { return }
        if units.isEmpty { session.check() } else { run(units, on: session) }
        guard let loss = session.lost else { return }
        self.session = nil
        pool.lost(loss)
    }

    private func run(_ units: [WorkUnit], on session: PostgresSession) {
        session.isReadOnly = units[0].access == .read
        do throws(Interruption) {
            try BatchRunner(session: session).run(units)
            pace.succeeded()
        } catch {
            retry(error, isLost: session.lost != nil)
        }
    }

    private func retry(_ interruption: Interruption, isLost: Bool) {
        var again: [WorkUnit] = []
        for var unit in interruption.untold {
            guard isLost, !unit.isOverdue else {
                unit.finish(interruption.cause)
                continue
            }
            unit.isSuspect = true
            again.append(unit)
        }
        pool.queue.putBack(again)
    }

    // MARK: Without

    private func reconnect() {
        let problem = pool.problem
        if let problem { pool.queue.failOverdue(DatabaseError(.unavailable, problem)) }
        // While there is no connection at all one thread tries; the others see to it that nobody waits for too long.
        guard isFirst || problem == nil, pace.isDue(callersWait: !pool.queue.isEmpty) else {
            return Thread.sleep(forTimeInterval: Self.napInterval)
        }
        if !isFirst {
            let end = Date(timeIntervalSinceNow: Self.checkInterval)
            guard pool.queue.awaitBacklog(until: end) else { return }
        }
        _ = connect()
    }

    private func connect() -> DatabaseError? {
        pace.attempted()
        do throws(DatabaseError) {
            session = try PostgresSession(pool.address)
            pool.connected()
            return nil
        } catch {
            pool.failed(error)
            return error
        }
    }
}
