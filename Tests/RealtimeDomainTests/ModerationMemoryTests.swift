import EventSchema
import Foundation
import Testing

@testable import RealtimeDomain

struct ModerationMemoryTests {
    private let noon = Timestamp(milliseconds: 1_704_110_400_000)

    private func banning(_ users: String...) -> SanctionsInForce {
        var sanctions = SanctionsInForce()
        for user in users {
            let action = ModerationAction.ban(user: user, reason: nil, seconds: nil)
            let key = ConversationKey(.room, "r")
            sanctions.apply(ModerationEvent(id: UUID(), action, in: key, by: Profile(userID: "m"), at: noon))
        }
        return sanctions
    }

    @Test func `what was looked up before a change was heard of is not kept`() {
        let memory = ModerationMemory()
        memory.keep(["r": banning("a")], as: memory.revision)
        #expect(memory.sanctions(in: "r")?.count == 1)
        let revision = memory.revision
        memory.forget("s")
        memory.keep(["r": banning("a", "b")], as: revision)
        // What was known is no more true than what was looked up.
        #expect(memory.sanctions(in: "r") == nil)
    }

    @Test func `what is known is looked up anew after a minute`() {
        let memory = ModerationMemory()
        let now = ContinuousClock.now
        memory.keep(["r": banning()], as: memory.revision, now: now)
        #expect(memory.sanctions(in: "r", now: now + .seconds(59)) != nil)
        #expect(memory.sanctions(in: "r", now: now + .seconds(60)) == nil)
    }

    @Test func `beyond its bound all is forgotten`() {
        let memory = ModerationMemory(maximumWeight: 3)
        memory.keep(["r": banning("a", "b")], as: memory.revision)
        memory.keep(["r": banning("a", "b", "c")], as: memory.revision)
        #expect(memory.sanctions(in: "r")?.count == 3)
        memory.keep(["s": banning("a")], as: memory.revision)
        #expect(memory.sanctions(in: "r") == nil)
        memory.keep(["s": banning("a")], as: memory.revision)
        #expect(memory.sanctions(in: "s") != nil)
    }

    @Test func `a conversation that falls out does not count any more`() {
        let memory = ModerationMemory(capacity: 1, maximumWeight: 2)
        for id in ["a", "b", "c", "d"] {
            memory.keep([id: banning("x", "y")], as: memory.revision)
            #expect(memory.sanctions(in: id) != nil)
        }
    }

    @Test func `a decision is told once, unless it is not told after all`() {
        let memory = ModerationMemory()
        let id = UUID()
        #expect(memory.noteTold(id))
        #expect(!memory.noteTold(id))
        memory.forgetTold(id)
        #expect(memory.noteTold(id))
    }
}
