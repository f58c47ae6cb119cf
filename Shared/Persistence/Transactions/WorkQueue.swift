import Foundation

/// Works that wait for a thread of the database, first come first served.
///
/// `@unchecked Sendable`: `condition` guards everything that changes.
final class WorkQueue: @unchecked Sendable {
    private let condition = NSCondition()
    private let capacity: Int
    private var units: [WorkUnit] = []
    private var isClosed = false

    /// - Parameter capacity: Works beyond it are refused with `unavailable`.
    init(capacity: Int = 20_000) {
        self.capacity = capacity
    }

    /// Lines work up; returns the reason if it is refused.
    func submit(_ unit: WorkUnit) -> DatabaseError? {
        condition.lock()
        defer { condition.unlock() }
        if isClosed { return DatabaseError(.closed, "the database is closed") }
        if units.count >= capacity {
            return DatabaseError(.unavailable, "\(capacity) works wait for the database already")
        }
        units.append(unit)
        condition.signal()
        return nil
    }

    /// Waits for work and takes what is there, at most `limit`; `nil` when the queue is closed and empty.
    ///
    /// - Parameter linger: How long to wait for company once there is work, for who expects some.
    func take(atMost limit: Int, linger: Duration = .zero) -> [WorkUnit]? {
        condition.lock()
        defer { condition.unlock() }
        while units.isEmpty, !isClosed { condition.wait() }
        if linger > .zero, units.count < limit, !isClosed {
            let end = Date(timeIntervalSinceNow: linger / .seconds(1))
            while units.count < limit, !isClosed, condition.wait(until: end) {}
        }
        guard !units.isEmpty else { return nil }
        let taken = Array(units.prefix(limit))
        units.removeFirst(taken.count)
        return taken
    }

    /// Takes no more work; what waits is still given out.
    func close() {
        condition.lock()
        isClosed = true
        condition.broadcast()
        condition.unlock()
    }

    /// Takes no more work, and fails what waits.
    func fail(_ error: DatabaseError) {
        condition.lock()
        isClosed = true
        let waiting = units
        units = []
        condition.broadcast()
        condition.unlock()
        for unit in waiting { unit.finish(error) }
    }
}
