import Synchronization

/// What is known of conversations without asking the store: how they are described, and the last message that this node
/// has told of.
///
/// Who comes is told that it is up to date as of ``Entry/lastSeq``, and gets everything behind it. So that nothing is
/// missed in between, it must subscribe before it asks here; and a value that was read from the store may not undo what
/// was told while it was being read.
final class ConversationRegistry: Sendable {
    struct Entry: Sendable {
        var conversation: Conversation
        var lastSeq: Int64
        /// When the store was asked.
        var readAt = ContinuousClock.now
    }

    /// How long a description is believed: a change that this node was not told of, because it was cut off from the bus,
    /// takes effect after that.
    private static let lifetime = Duration.seconds(60)

    private struct State {
        var entries: RecentValues<ConversationKey, Entry>
        /// Conversations that are being read from the store, by how many, and what has become of them meanwhile.
        var loads: [ConversationKey: Load] = [:]
    }

    private struct Load {
        var count = 0
        var lastSeq: Int64 = 0
        var isOutdated = false
    }

    private let state: Mutex<State>

    init(capacity: Int = 10_000) {
        state = Mutex(State(entries: RecentValues(capacity: capacity)))
    }

    func entry(_ key: ConversationKey, now: ContinuousClock.Instant = .now) -> Entry? {
        guard let entry = state.withLock({ $0.entries[key] }), now - entry.readAt < Self.lifetime else { return nil }
        return entry
    }

    /// A message is about to be told of.
    func posted(_ seq: Int64, in key: ConversationKey) {
        state.withLock { state in
            if var load = state.loads[key] {
                load.lastSeq = max(load.lastSeq, seq)
                state.loads[key] = load
            }
            guard var entry = state.entries[key], entry.lastSeq < seq else { return }
            entry.lastSeq = seq
            state.entries.set(key, entry)
        }
    }

    /// Its description has changed; the next who asks gets it from the store.
    func forget(_ key: ConversationKey) {
        state.withLock { state in
            state.entries.remove(key)
            state.loads[key]?.isOutdated = true
        }
    }

    // MARK: Loading

    /// To be called before the store is asked.
    func beginLoad(_ key: ConversationKey) {
        state.withLock { $0.loads[key, default: Load()].count += 1 }
    }

    /// Keeps what the store said; `nil` if it said nothing.
    func endLoad(_ key: ConversationKey, _ entry: Entry?) {
        state.withLock { state in
            guard var load = state.loads[key] else { return }
            load.count -= 1
            state.loads[key] = load.count == 0 ? nil : load
            guard var entry, !load.isOutdated else { return }
            entry.lastSeq = max(entry.lastSeq, load.lastSeq, state.entries[key]?.lastSeq ?? 0)
            state.entries.set(key, entry)
        }
    }
}
