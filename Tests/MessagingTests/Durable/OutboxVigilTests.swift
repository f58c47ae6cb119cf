import Messaging
import Testing

struct OutboxVigilTests {
    private let start = ContinuousClock.now
    private let lifetime = OutboxVigil.lifetime

    private func vigil(speakingAt words: Duration...) -> OutboxVigil {
        var vigil = OutboxVigil()
        for word in words { vigil.spoke(at: start + word) }
        return vigil
    }

    @Test func `at its start an instance speaks at once and takes over what the dead left`() {
        #expect(OutboxVigil().isDue(at: start))
        #expect(OutboxVigil().mayJudge(at: start))
    }

    @Test func `a word that failed is tried again after the interval`() {
        var vigil = OutboxVigil()
        vigil.tries(at: start)
        #expect(!vigil.isDue(at: start + OutboxVigil.interval - .milliseconds(1)))
        #expect(vigil.isDue(at: start + OutboxVigil.interval))
    }

    @Test func `an instance that speaks may judge the silence of others`() {
        #expect(vigil(speakingAt: .zero, .seconds(1), .seconds(2)).mayJudge(at: start + .seconds(3)))
    }

    @Test func `an instance that was silent itself lets others speak for a lifetime first`() {
        let silence = lifetime + .seconds(1)
        #expect(!vigil(speakingAt: .zero).mayJudge(at: start + silence))
        let back = vigil(speakingAt: .zero, silence, silence + .seconds(1))
        #expect(!back.mayJudge(at: start + silence + lifetime - .milliseconds(1)))
        let later = vigil(speakingAt: .zero, silence, silence + .seconds(4))
        #expect(later.mayJudge(at: start + silence + lifetime))
    }

    @Test func `several words are missed before an instance counts as dead`() {
        #expect(lifetime >= OutboxVigil.interval * 4)
    }
}
