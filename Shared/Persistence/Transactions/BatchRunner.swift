/// A connection that can hold a transaction; belongs to one thread.
protocol SQLSession: SQLConnection {
    var dialect: SQLDialect { get }
    func begin() throws(DatabaseError)
    func commit() throws(DatabaseError)
    /// Takes back what was done since ``begin()``; never fails, a session that cannot is of no more use.
    func rollback()
}

/// Runs works that came together in one transaction.
///
/// That one fails is rare, so that nothing is spent on it beforehand: the whole transaction is taken back then, and each
/// work gets one of its own.
struct BatchRunner {
    /// How often a work runs that only lost a race.
    private static let attempts = 5

    let session: any SQLSession

    /// Runs `units` and tells each caller.
    ///
    /// - Throws: what befell the session before anybody was told; the caller decides whether another session may try.
    func run(_ units: [WorkUnit]) throws(DatabaseError) {
        do throws(BatchFailure) {
            let hooks = try attempt(units)
            for unit in units { unit.finish(nil) }
            hooks.run()
        } catch {
            switch error {
            case .session(let error): throw error
            case .work where units.count > 1: runAlone(units)
            case .work(let error): units[0].finish(error)
            }
        }
    }

    private func runAlone(_ units: [WorkUnit]) {
        for (index, unit) in units.enumerated() {
            do throws(DatabaseError) {
                try run([unit])
            } catch {
                // Those before it have been told; the others have not.
                for unit in units[index...] { unit.finish(error) }
                return
            }
        }
    }

    private enum BatchFailure: Error {
        /// The database's own: nothing to do with what any work wanted.
        case session(DatabaseError)
        case work(any Error)
    }

    private func attempt(_ units: [WorkUnit]) throws(BatchFailure) -> CommitHooks {
        var attempt = 1
        while true {
            do throws(BatchFailure) {
                return try attemptOnce(units)
            } catch {
                guard case .work(let cause as DatabaseError) = error, cause.code == .locked,
                    units.count == 1, attempt < Self.attempts
                else { throw error }
                attempt += 1
            }
        }
    }

    private func attemptOnce(_ units: [WorkUnit]) throws(BatchFailure) -> CommitHooks {
        let hooks = CommitHooks()
        do throws(DatabaseError) { try session.begin() } catch { throw .session(error) }
        do {
            let transaction = SQLTransaction(session, dialect: session.dialect, hooks: hooks)
            for unit in units { try unit.run(transaction) }
        } catch {
            session.rollback()
            throw .work(error)
        }
        do throws(DatabaseError) {
            try session.commit()
        } catch {
            session.rollback()
            // A serialization conflict may show as late as here.
            throw error.code == .locked || error.code == .constraint ? .work(error) : .session(error)
        }
        return hooks
    }
}
