/// A connection that can hold a transaction; belongs to one thread.
protocol SQLSession: SQLConnection {
    var dialect: SQLDialect { get }
    /// Why it is of no more use; `nil` while it is.
    var lost: DatabaseError? { get }
    /// - Parameter isPatient: Whether to wait long for others' locks; who does that holds their own meanwhile.
    func begin(isPatient: Bool) throws(DatabaseError)
    /// - Throws: `outcome_unknown` if it was lost on the way.
    func commit() throws(DatabaseError)
    /// Takes back what was done since ``begin(isPatient:)``; never fails, a session that cannot is lost.
    func rollback()
}

/// What befell a session before all callers were told.
struct Interruption: Error {
    let cause: DatabaseError
    /// Works of which nothing was written; another session may run them.
    let untold: [WorkUnit]
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
    func run(_ units: [WorkUnit]) throws(Interruption) {
        do throws(BatchFailure) {
            let hooks = try attempt(units)
            // Before the callers go on to what follows, which may be committed by another session.
            hooks.run()
            for unit in units { unit.finish(nil) }
        } catch {
            switch error {
            case .session(let cause): throw Interruption(cause: cause, untold: units)
            case .unknown(let cause): for unit in units { unit.finish(cause) }
            case .work where units.count > 1: try runAlone(units)
            case .work(let cause): units[0].finish(cause)
            }
        }
    }

    private func runAlone(_ units: [WorkUnit]) throws(Interruption) {
        for (index, unit) in units.enumerated() {
            do throws(Interruption) {
                try run([unit])
            } catch {
                // Those before it have been told; the others have not.
                throw Interruption(cause: error.cause, untold: Array(units[index...]))
            }
        }
    }

    private enum BatchFailure: Error {
        /// The database's own: nothing to do with what any work wanted, and nothing was written.
        case session(DatabaseError)
        /// Lost while the commit was under way.
        case unknown(DatabaseError)
        case work(any Error)
    }

    private func attempt(_ units: [WorkUnit]) throws(BatchFailure) -> CommitHooks {
        var attempt = 1
        while true {
            do throws(BatchFailure) {
                return try attemptOnce(units)
            } catch {
                guard case .work(let cause as DatabaseError) = error, cause.code == .locked,
                    units.count == 1, attempt < Self.attempts, !units[0].isOverdue
                else { throw error }
                attempt += 1
            }
        }
    }

    private func attemptOnce(_ units: [WorkUnit]) throws(BatchFailure) -> CommitHooks {
        let hooks = CommitHooks()
        let isPatient = units.count == 1 && !units[0].isOverdue
        do throws(DatabaseError) { try session.begin(isPatient: isPatient) } catch { throw .session(error) }
        do {
            let transaction = SQLTransaction(session, dialect: session.dialect, hooks: hooks)
            for unit in units { try unit.run(transaction) }
            if let failure = hooks.failure { throw failure }
        } catch {
            session.rollback()
            // What the work made of a lost connection is no verdict on the work.
            if let lost = session.lost { throw .session(lost) }
            throw .work(error)
        }
        do throws(DatabaseError) { try session.commit() } catch { throw failure(ofCommit: error) }
        return hooks
    }

    private func failure(ofCommit error: DatabaseError) -> BatchFailure {
        session.rollback()
        return switch error.code {
        case .outcomeUnknown: .unknown(error)
        case .unavailable, .refused: .session(error)
        // A conflict may show as late as here.
        default: .work(error)
        }
    }
}
