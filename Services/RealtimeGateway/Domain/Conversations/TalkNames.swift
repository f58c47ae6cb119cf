import Synchronization

/// What is known of ids that may name a room or a stream: contract 4 says `stream_id` to both.
final class TalkNames: Sendable {
    /// What the store says of an id.
    enum Finding: Sendable, Hashable {
        /// A backend has described it, or it is clear otherwise.
        case described(ConversationKey.Kind)
        /// Nobody has described it, but something was said there.
        case spoken(ConversationKey.Kind)
        case nothing
    }

    private struct Entry {
        let finding: Finding
        let readAt: ContinuousClock.Instant
    }

    /// How long a finding is believed; one that may soon be another, less.
    private static let lifetime = Duration.seconds(60)
    private static let shortLifetime = Duration.seconds(5)

    private struct State {
        var entries: RecentValues<String, Entry>
        var revision: UInt64 = 0
    }

    private let state: Mutex<State>

    init(capacity: Int = 10_000) {
        state = Mutex(State(entries: RecentValues(capacity: capacity)))
    }

    /// Counts what was heard of changes.
    var revision: UInt64 { state.withLock(\.revision) }

    func finding(_ id: String, now: ContinuousClock.Instant = .now) -> Finding? {
        guard let entry = state.withLock({ $0.entries[id] }) else { return nil }
        let lifetime = entry.finding == .nothing ? Self.shortLifetime : Self.lifetime
        return now - entry.readAt < lifetime ? entry.finding : nil
    }

    /// Keeps what was looked up as of `revision`, unless something was heard since: then it has to be looked up anew.
    func note(_ id: String, _ finding: Finding, asOf revision: UInt64, now: ContinuousClock.Instant = .now) {
        state.withLock { state in
            guard state.revision == revision else { return }
            _ = state.entries.set(id, Entry(finding: finding, readAt: now))
        }
    }

    /// Something was said, which may decide what an id names.
    func posted(in key: ConversationKey) {
        guard key.kind.isModerated, finding(key.id) == .nothing else { return }
        forget(key.id)
    }

    func forget(_ id: String) {
        state.withLock { state in
            state.entries.remove(id)
            state.revision += 1
        }
    }
}
