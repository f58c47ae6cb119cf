import EventSchema
import Foundation
import Synchronization

/// What this node knows of sanctions without asking the store.
///
/// A value that was read from the store, or made of such a one, may not undo what was heard meanwhile: who keeps it says
/// as of which ``revision`` it was looked up.
final class ModerationMemory: Sendable {
    private struct Entry {
        let sanctions: SanctionsInForce
        let readAt: ContinuousClock.Instant
    }

    /// A user of a conversation id.
    struct Speaker: Hashable {
        let conversationID: String
        let userID: String
    }

    private struct State {
        var entries: RecentValues<String, Entry>
        /// Sanctions that the entries hold together.
        var weight = 0
        /// When each last spoke in slow mode; who is forgotten may speak at once.
        var spoken: RecentValues<Speaker, Timestamp>
        /// Decisions of which this node's clients have heard, or will.
        var told: RecentValues<UUID, Bool>
        var revision: UInt64 = 0
    }

    /// How long a value is believed: a change that this node was not told of, because it was cut off from the bus, takes
    /// effect after that.
    private static let lifetime = Duration.seconds(60)

    private let maximumWeight: Int
    private let state: Mutex<State>

    /// - Parameters:
    ///   - capacity: Conversations that are remembered, and ten times as many speakers.
    ///   - maximumWeight: Sanctions of all of them; beyond it all is forgotten and looked up anew.
    init(capacity: Int = 10_000, maximumWeight: Int = 200_000) {
        self.maximumWeight = maximumWeight
        state = Mutex(
            State(
                entries: RecentValues(capacity: capacity),
                spoken: RecentValues(capacity: 10 * capacity),
                told: RecentValues(capacity: capacity)
            )
        )
    }

    func sanctions(in conversationID: String, now: ContinuousClock.Instant = .now) -> SanctionsInForce? {
        state.withLock { state in
            guard let entry = state.entries[conversationID], now - entry.readAt < Self.lifetime else { return nil }
            return entry.sanctions
        }
    }

    func lastSpoken(_ speaker: Speaker) -> Timestamp? { state.withLock { $0.spoken[speaker] } }

    // MARK: Keeping

    /// Counts what was heard of changes.
    var revision: UInt64 { state.withLock { $0.revision } }

    /// Keeps what is in force as of `revision`, unless something was heard since: then it has to be looked up anew.
    func keep(
        _ sanctions: [String: SanctionsInForce],
        as revision: UInt64,
        now: ContinuousClock.Instant = .now
    ) {
        state.withLock { state in
            for (id, sanctions) in sanctions {
                let isCurrent = state.revision == revision
                Self.set(id, isCurrent ? Entry(sanctions: sanctions, readAt: now) : nil, &state)
            }
            guard state.weight > maximumWeight else { return }
            state.entries.removeAll { _ in true }
            state.weight = 0
        }
    }

    private static func set(_ id: String, _ entry: Entry?, _ state: inout State) {
        state.weight += (entry?.sanctions.count ?? 0) - (state.entries[id]?.sanctions.count ?? 0)
        guard let entry else { return state.entries.remove(id) }
        state.weight -= state.entries.set(id, entry)?.sanctions.count ?? 0
    }

    func keep(_ spoken: [Speaker: Timestamp]) {
        guard !spoken.isEmpty else { return }
        state.withLock { state in
            for (speaker, timestamp) in spoken { state.spoken.set(speaker, timestamp) }
        }
    }

    /// Something has changed; the next who asks gets it from the store.
    func forget(_ conversationID: String) {
        state.withLock { state in
            Self.set(conversationID, nil, &state)
            state.revision += 1
        }
    }

    // MARK: Telling once

    /// Notes that a decision will be told here; false if it was noted before.
    func noteTold(_ id: UUID) -> Bool {
        state.withLock { state in
            defer { state.told.set(id, true) }
            return state.told[id] == nil
        }
    }

    /// A decision will not be told here after all.
    func forgetTold(_ id: UUID) { state.withLock { $0.told.remove(id) } }
}
