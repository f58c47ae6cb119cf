import Foundation

/// Works that wait for a thread of the database, first come first served among the writes and among the reads.
///
/// `@unchecked Sendable`: `condition` guards everything that changes.
final class WorkQueue: @unchecked Sendable {
    private let condition = NSCondition()
    private let capacity: Int
    private var writes: [WorkUnit] = []
    private var reads: [WorkUnit] = []
    /// Reads and writes take turns, so that neither kind waits for the end of the other.
    private var isReadsTurn = false
    private var isClosed = false
    /// Threads that wait for work, and threads that wait for those not to suffice.
    private var takers = 0
    private var reserves = 0

    /// - Parameter capacity: Works beyond it are refused with `unavailable`.
    init(capacity: Int = 20_000) {
        self.capacity = capacity
    }

    private var count: Int { writes.count + reads.count }

    /// Lines work up; returns the reason if it is refused.
    func submit(_ unit: WorkUnit) -> DatabaseError? {
        condition.lock()
        defer { condition.unlock() }
        if isClosed { return DatabaseError(.closed, "the database is closed") }
        if count >= capacity {
            return DatabaseError(.unavailable, "\(capacity) works wait for the database already")
        }
        if unit.access == .read { reads.append(unit) } else { writes.append(unit) }
        // A single wake-up could go to a reserve, which would leave it at that.
        if reserves > 0 { condition.broadcast() } else { condition.signal() }
        return nil
    }

    // MARK: Taking

    /// Waits for work and takes what is there: writes that may share a transaction, at most `limit`, or one read.
    ///
    /// - Parameters:
    ///   - linger: How long to wait for company once there is work, for who expects some.
    ///   - end: When to return with nothing.
    /// - Returns: `nil` when the queue is closed and empty.
    func take(atMost limit: Int, linger: Duration = .zero, until end: Date? = nil) -> [WorkUnit]? {
        condition.lock()
        defer { condition.unlock() }
        while true {
            guard awaitWork(until: end) else { return isClosed ? nil : [] }
            if linger > .zero { awaitCompany(linger, limit) }
            // While one thread lingers another may take it all.
            if count > 0 { return takeWaiting(limit) }
        }
    }

    private func awaitWork(until end: Date?) -> Bool {
        takers += 1
        defer { takers -= 1 }
        while count == 0, !isClosed {
            guard let end else {
                condition.wait()
                continue
            }
            guard condition.wait(until: end) else { break }
        }
        return count > 0
    }

    private func awaitCompany(_ linger: Duration, _ limit: Int) {
        let end = Date(timeIntervalSinceNow: linger / .seconds(1))
        while writes.count < limit, !isClosed, condition.wait(until: end) {}
    }

    private func takeWaiting(_ limit: Int) -> [WorkUnit] {
        let isRead = writes.isEmpty || (isReadsTurn && !reads.isEmpty)
        isReadsTurn = !isRead
        if isRead { return [reads.removeFirst()] }
        let company = writes.prefix(limit).prefix { !$0.isSuspect }
        let taken = company.isEmpty ? Array(writes.prefix(1)) : Array(company)
        writes.removeFirst(taken.count)
        return taken
    }

    /// Waits until more work is there than threads that wait for it, which the caller then should join.
    ///
    /// - Returns: whether that is so, or it is time to finish what is there.
    func awaitBacklog(until end: Date) -> Bool {
        condition.lock()
        defer { condition.unlock() }
        reserves += 1
        defer { reserves -= 1 }
        while count <= takers, !isClosed {
            guard condition.wait(until: end) else { break }
        }
        return count > takers
    }

    // MARK: Giving back

    /// Lines `units`, which were taken and could not be run, up before all others.
    func putBack(_ units: [WorkUnit]) {
        condition.lock()
        defer { condition.unlock() }
        reads.insert(contentsOf: units.filter { $0.access == .read }, at: 0)
        writes.insert(contentsOf: units.filter { $0.access == .write }, at: 0)
        condition.broadcast()
    }

    /// Fails the works whose callers have waited for long enough.
    func failOverdue(_ error: DatabaseError) {
        condition.lock()
        let overdue = Self.removeOverdue(from: &writes) + Self.removeOverdue(from: &reads)
        condition.unlock()
        for unit in overdue { unit.finish(error) }
    }

    private static func removeOverdue(from units: inout [WorkUnit]) -> [WorkUnit] {
        // Asked once each: the answer changes with time.
        let isOverdue = units.map(\.isOverdue)
        guard isOverdue.contains(true) else { return [] }
        let overdue = zip(units, isOverdue).filter(\.1).map(\.0)
        units = zip(units, isOverdue).filter { !$0.1 }.map(\.0)
        return overdue
    }

    // MARK: Closing

    /// Takes no more work; what waits is still given out.
    func close() {
        condition.lock()
        isClosed = true
        condition.broadcast()
        condition.unlock()
    }

    var isEmpty: Bool {
        condition.lock()
        defer { condition.unlock() }
        return count == 0
    }

    /// Whether it is closed and everything was given out.
    var isFinished: Bool {
        condition.lock()
        defer { condition.unlock() }
        return isClosed && count == 0
    }
}
