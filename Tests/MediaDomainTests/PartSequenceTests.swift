import MediaDomain
import Testing

struct PartSequenceTests {
    private static let plans = (0..<4).map { index in
        PartPlan(
            index: index,
            start: Double(index) * 4,
            end: index < 3 ? Double(index + 1) * 4 : nil,
            firstSegment: index + 1
        )
    }

    private static func result(_ index: Int, start: Int64? = nil, isLast: Bool = false) -> PartResult {
        let begin = start ?? Int64(index) * 4000
        return PartResult(
            plan: plans[index],
            fingerprint: "f",
            video: [
                PartTrack(
                    head: TrackHead(codecs: "avc1", timescale: 1000, frameRate: 25, initSize: 1, initChecksum: "c"),
                    segments: [SegmentResult(start: begin, duration: 4000, size: 10)]
                )
            ],
            timescale: 1000,
            start: begin,
            end: Int64(index + 1) * 4000,
            pictures: PictureCount(count: 100, second: begin + 40, last: begin + 3960),
            colors: PictureColors(primaries: 1, transfer: 1, matrix: 1, chroma: 1),
            thumbnailCount: 1,
            tiles: PartTiles(),
            isDamaged: false,
            presentationEnd: isLast ? Double(index + 1) * 4 : nil
        )
    }

    private static func sequence(_ found: PartResult...) -> PartSequence {
        PartSequence(plans, fingerprint: "f", found: found)
    }

    @Test func `what was made before its turn waits for those before`() throws {
        var sequence = Self.sequence()
        sequence.add(Self.result(2))
        #expect(sequence.join() == nil)
        #expect(sequence.isMade(2) && !sequence.isMade(1))
        for index in 0...1 { sequence.add(Self.result(index)) }
        for index in 0...2 { #expect(sequence.join() == .joined(Self.result(index))) }
        #expect(sequence.join() == nil)
        #expect(sequence.front == Self.plans[3] && sequence.waiting.isEmpty)
    }

    @Test func `what was found in any order is joined as far as it goes`() {
        let sequence = Self.sequence(Self.result(3, isLast: true), Self.result(1), Self.result(0))
        #expect(sequence.results.map(\.plan.index) == [0, 1])
        #expect(sequence.waiting.map(\.plan.index) == [3])
        #expect(sequence.front?.index == 2)
    }

    @Test func `a part that does not start where the one before ends is to be made anew, and told where that is`() {
        var sequence = Self.sequence(Self.result(0))
        sequence.add(Self.result(1, start: 4040))
        #expect(sequence.context(of: Self.plans[2]).expectedStart == nil)
        #expect(sequence.join() == .misfit(Self.plans[1]))
        #expect(!sequence.isMade(1) && sequence.front?.index == 1)
        #expect(sequence.context(of: Self.plans[1]).expectedStart == 4000)
        #expect(sequence.context(of: Self.plans[1]).heads.map(\.initChecksum) == ["c"])
    }

    @Test func `what lies behind the end of the pictures is not joined`() {
        var sequence = Self.sequence(Self.result(0), Self.result(2))
        sequence.add(Self.result(1, isLast: true))
        #expect(sequence.join() == .joined(Self.result(1, isLast: true)))
        #expect(sequence.isComplete && sequence.join() == nil && sequence.front == nil)
        #expect(sequence.results.count == 2)
    }

    @Test func `what was made of another source or plan is not taken`() {
        let others = PartSequence(Self.plans, fingerprint: "other", found: [Self.result(0), Self.result(1)])
        #expect(others.results.isEmpty && others.waiting.isEmpty)
    }

    @Test func `segments start where the next part does, but for the last`() {
        #expect(Self.result(1).cuts == [8])
        #expect(Self.result(3, isLast: true).cuts == [])
    }
}
