import Synchronization

/// What a readiness check answers.
package enum Readiness: Sendable, Hashable {
    case ready
    /// Why not, for an operator: `no connection to the broker`.
    case unready(String)
}

/// Knows whether this process should be given work, and why not.
package final class HealthRegistry: Sendable {
    /// What all checks together say.
    package struct Report: Sendable, Hashable {
        package struct Entry: Sendable, Hashable {
            package let name: String
            package let readiness: Readiness
        }

        /// Whether the process has been told to stop.
        package let isDraining: Bool
        package let entries: [Entry]

        /// Whether work may come.
        package var isReady: Bool { !isDraining && entries.allSatisfy { $0.readiness == .ready } }
    }

    private struct State {
        var isDraining = false
        var checks: [(name: String, check: @Sendable () -> Readiness)] = []
    }

    private let state = Mutex(State())

    package init() {}

    /// Adds a check; it is asked at each probe and answers at once from what it knows.
    package func register(_ name: String, _ check: @escaping @Sendable () -> Readiness) {
        state.withLock { $0.checks.append((name, check)) }
    }

    /// From now on the process is not ready, whatever the checks say.
    package func beginDraining() {
        state.withLock { $0.isDraining = true }
    }

    package var isDraining: Bool { state.withLock { $0.isDraining } }

    /// Asks every check.
    package var report: Report {
        let (isDraining, checks) = state.withLock { ($0.isDraining, $0.checks) }
        return Report(
            isDraining: isDraining,
            entries: checks.map { Report.Entry(name: $0.name, readiness: $0.check()) }
        )
    }
}
