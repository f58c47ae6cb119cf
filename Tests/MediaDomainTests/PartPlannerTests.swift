import MediaDomain
import Testing

struct PartPlannerTests {
    private static func starts(
        _ duration: Double?,
        opening: Double = 4,
        _ keyframe: PartPlanner.Keyframe?
    ) -> [Double] {
        let grid = SegmentGrid(segmentDuration: 4, openingDuration: opening)
        return PartPlanner(grid, duration: duration).parts(keyframe: keyframe).map(\.start)
    }

    @Test func `the first part is one segment, and the others about half a minute`() {
        let starts = Self.starts(120) { $0 }
        #expect(starts == [0, 4, 36, 68, 100])
        #expect(Self.starts(120, opening: 2) { $0 } == [0, 2, 32, 64, 96])
    }

    @Test func `parts follow each other without a gap, and number their segments on`() {
        let grid = SegmentGrid(segmentDuration: 2, openingDuration: 1)
        let parts = PartPlanner(grid, duration: 3600).parts { $0 }
        #expect(parts.map(\.index) == Array(parts.indices))
        #expect(zip(parts, parts.dropFirst()).allSatisfy { $0.end == $1.start })
        #expect(parts.last?.end == nil)
        #expect(parts.allSatisfy { $0.start == grid.start(of: $0.firstSegment - 1) })
    }

    @Test func `a part starts where little is decoded in vain before it`() {
        // A keyframe every 10 s: of the grid's points near 36 s, 40 s has one.
        let starts = Self.starts(300) { ($0 / 10).rounded(.down) * 10 }
        #expect(starts.prefix(3) == [0, 4, 40])
    }

    @Test func `no part is much shorter than the others`() {
        for duration in stride(from: 5.0, through: 400, by: 7) {
            let starts = Self.starts(duration) { $0 }
            #expect(starts.count < 3 || duration - (starts.last ?? 0) >= 12)
        }
    }

    @Test(arguments: [nil, 600.0]) func `without an index everything behind the opening is one part`(duration: Double?)
    {
        #expect(Self.starts(duration, nil) == [0, 4])
    }

    @Test func `what is no longer than a segment is one part`() {
        #expect(Self.starts(3.9) { $0 } == [0])
        #expect(Self.starts(4.0) { $0 } == [0])
        #expect(Self.starts(4.5) { $0 } == [0, 4])
    }
}
