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

    private let entries: Mutex<RecentValues<String, Entry>>

    init(capacity: Int = 10_000) {
        entries = Mutex(RecentValues(capacity: capacity))
    }

    func finding(_ id: String, now: ContinuousClock.Instant = .now) -> Finding? {
        guard let entry = entries.withLock({ $0[id] }) else { return nil }
        let lifetime = entry.finding == .nothing ? Self.shortLifetime : Self.lifetime
        return now - entry.readAt < lifetime ? entry.finding : nil
    }

    func note(_ id: String, _ finding: Finding, now: ContinuousClock.Instant = .now) {
        _ = entries.withLock { $0.set(id, Entry(finding: finding, readAt: now)) }
    }

    /// Something was said; nothing changes for what is described.
    func posted(in key: ConversationKey) {
        guard key.kind.isModerated, finding(key.id) == .nothing else { return }
        note(key.id, .spoken(key.kind))
    }

    func forget(_ id: String) { entries.withLock { $0.remove(id) } }
}
