import MediaDomain
import Testing

struct SegmentGridTests {
    private static let cut = SegmentGrid(segmentDuration: 4, openingDuration: 2)

    @Test func `the first segment may be shorter, and all behind it start as if it were not`() {
        #expect((0...4).map(Self.cut.start) == [0, 2, 4, 8, 12])
        let even = SegmentGrid(segmentDuration: 4, openingDuration: 4)
        #expect((0...4).map(even.start) == [0, 4, 8, 12, 16])
        #expect(SegmentGrid(segmentDuration: 1, openingDuration: 2).start(of: 2) == 2)
    }

    @Test(arguments: [(6.0, 2.0), (4, 2), (4, 4), (3, 1.5), (1, 1)])
    func `every segment is found from its start to just before the next`(segment: Double, opening: Double) {
        let grid = SegmentGrid(segmentDuration: segment, openingDuration: opening)
        for index in 0..<20 {
            #expect(grid.index(at: grid.start(of: index)) == index)
            #expect(grid.index(at: grid.start(of: index + 1) - 0.001) == index)
        }
    }
}
