import RealtimeDomain
import Synchronization

/// Answers of the backend for as long as they hold; the oldest make way for others.
final class AuthorizationCache: Sendable {
    private struct Entry {
        let allows: Bool
        let end: ContinuousClock.Instant
    }

    private struct State {
        var entries: RecentValues<AuthorizationQuestion, Entry>
        var epoch = 0
    }

    private let state: Mutex<State>

    init(capacity: Int) {
        state = Mutex(State(entries: RecentValues(capacity: capacity)))
    }

    /// Counts how often something was forgotten; read before asking.
    var epoch: Int { state.withLock(\.epoch) }

    func answer(_ question: AuthorizationQuestion, at now: ContinuousClock.Instant) -> Bool? {
        state.withLock { state in
            guard let entry = state.entries[question], now < entry.end else { return nil }
            return entry.allows
        }
    }

    /// Keeps an answer, unless something was forgotten since `epoch`: it may have been given before that.
    func keep(
        _ allows: Bool,
        for question: AuthorizationQuestion,
        until end: ContinuousClock.Instant,
        asOf epoch: Int
    ) {
        state.withLock { state in
            guard state.epoch == epoch else { return }
            state.entries.set(question, Entry(allows: allows, end: end))
        }
    }

    func forget(_ conversation: ConversationKey) {
        state.withLock { state in
            state.epoch += 1
            state.entries.removeAll { $0.conversation == conversation }
        }
    }
}
