/// When an outbox says that its instance lives, and when it may take another's silence for its end.
///
/// Who was silent itself, because the database was away, knows nothing of the others: they were as unable to speak. It lets
/// them speak for a lifetime before it takes over what they have. Decides and does nothing itself.
package struct OutboxVigil: Sendable {
    /// How long an instance counts as alive after its last word: so long what one that was killed leaves waits for another.
    package static let lifetime = Duration.seconds(5)
    /// Between two words, and two looks at what other instances left.
    package static let interval = Duration.seconds(1)

    private var lastTry: ContinuousClock.Instant?
    private var lastWord: ContinuousClock.Instant?
    private var judgesFrom: ContinuousClock.Instant?

    package init() {}

    package func isDue(at now: ContinuousClock.Instant) -> Bool {
        lastTry.map { now - $0 >= Self.interval } ?? true
    }

    /// Whether those that are silent now have ended.
    package func mayJudge(at now: ContinuousClock.Instant) -> Bool {
        !hasBeenSilent(at: now) && judgesFrom.map { now >= $0 } ?? true
    }

    /// A word is tried; ``spoke(at:)`` follows if it is committed.
    package mutating func tries(at now: ContinuousClock.Instant) { lastTry = now }

    package mutating func spoke(at now: ContinuousClock.Instant) {
        if hasBeenSilent(at: now) { judgesFrom = now + Self.lifetime }
        lastWord = now
    }

    private func hasBeenSilent(at now: ContinuousClock.Instant) -> Bool {
        lastWord.map { now - $0 > Self.lifetime } ?? false
    }
}
