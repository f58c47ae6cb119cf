import Testing

@testable import RabbitMQ

struct DeliveryTagsTests {
    private func handedOut(_ count: UInt64) -> DeliveryTags {
        var tags = DeliveryTags()
        for tag in 1...count { _ = tags.insert(tag) }
        return tags
    }

    private func one(_ tag: UInt64) -> DeliveryTags.Acknowledgement { .init(tag: tag, isMultiple: false) }

    private func all(to tag: UInt64) -> DeliveryTags.Acknowledgement { .init(tag: tag, isMultiple: true) }

    @Test func `what is acknowledged in order is told in one word`() {
        var tags = handedOut(5)
        for tag: UInt64 in [2, 1, 3] { tags.acknowledge(tag) }
        #expect(tags.takeAcknowledgements() == [all(to: 3)])
        #expect(tags.unsettled == [4, 5])
        #expect(tags.takeAcknowledgements().isEmpty)
    }

    @Test func `an unsettled delivery is never acknowledged along with others`() {
        var tags = handedOut(5)
        for tag: UInt64 in [1, 3, 5] { tags.acknowledge(tag) }
        #expect(tags.takeAcknowledgements() == [one(1), one(3), one(5)])
        tags.acknowledge(2)
        // 3 is told already: the word for all before 4 is the word for 2.
        #expect(tags.takeAcknowledgements() == [one(2)])
        tags.acknowledge(4)
        #expect(tags.takeAcknowledgements() == [one(4)])
        #expect(tags.unsettledCount == 0)
    }

    @Test func `what went back to its queue is not acknowledged as well`() {
        var tags = handedOut(4)
        let isFirst = tags.requeue(2)
        let isAgain = tags.requeue(2)
        #expect(isFirst && !isAgain)
        for tag: UInt64 in [1, 2, 3] { tags.acknowledge(tag) }
        #expect(tags.takeAcknowledgements() == [all(to: 3)])
        #expect(tags.unsettled == [4])
    }

    @Test func `a delivery is settled once, and only if it was handed out`() {
        var tags = handedOut(1)
        for tag: UInt64 in [1, 1, 0, 2, .max] { tags.acknowledge(tag) }
        #expect(tags.takeAcknowledgements() == [one(1)])
        #expect(tags.unsettledCount == 0)
    }

    @Test(arguments: [0, 1, 2, 4, UInt64.max])
    func `a tag out of turn is refused`(tag: UInt64) {
        var tags = handedOut(2)
        let isTaken = tags.insert(tag)
        #expect(!isTaken)
        #expect(tags.unsettled == [1, 2])
    }
}
