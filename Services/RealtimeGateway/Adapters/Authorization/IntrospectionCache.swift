import EventSchema
import RealtimeDomain
import Synchronization

/// What the backend has said of tokens, for as long as it holds, and what it is being asked.
///
/// Tokens that are not good are remembered apart, so that strangers cannot push out those that are.
final class IntrospectionCache: Sendable {
    typealias Verdict = Result<Identity, TokenError>

    private struct Entry {
        let verdict: Verdict
        let end: ContinuousClock.Instant
    }

    private struct State {
        var good: RecentValues<TokenDigest, Entry>
        var bad: RecentValues<TokenDigest, Entry>
        /// As many as there are questions under way or waiting.
        var flights: [TokenDigest: Task<Verdict, Never>] = [:]
    }

    private let state: Mutex<State>

    init(capacity: Int) {
        state = Mutex(State(good: RecentValues(capacity: capacity), bad: RecentValues(capacity: capacity)))
    }

    func verdict(_ token: TokenDigest, at now: ContinuousClock.Instant) -> Verdict? {
        state.withLock { state in
            guard let entry = state.good[token] ?? state.bad[token], now < entry.end else { return nil }
            return entry.verdict
        }
    }

    func keep(_ verdict: Verdict, of token: TokenDigest, until end: ContinuousClock.Instant) {
        state.withLock { state in
            state.good.remove(token)
            state.bad.remove(token)
            let entry = Entry(verdict: verdict, end: end)
            if case .success = verdict { state.good.set(token, entry) } else { state.bad.set(token, entry) }
        }
    }

    /// The answer to a question that somebody has asked already, or that is asked now by `ask`; one at a time of a token.
    func flight(of token: TokenDigest, _ ask: @escaping @Sendable () async -> Verdict) -> Task<Verdict, Never> {
        state.withLock { state in
            if let flight = state.flights[token] { return flight }
            let flight = Task {
                let verdict = await ask()
                self.state.withLock { $0.flights[token] = nil }
                return verdict
            }
            state.flights[token] = flight
            return flight
        }
    }
}
