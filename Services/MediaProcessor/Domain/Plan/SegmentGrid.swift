/// When segments start, in seconds: one after each segment's duration, all alike, but the first of them may be cut in two.
///
/// What is ready first is then only as long as it has to be, and everything behind it keeps to the grid.
package struct SegmentGrid: Sendable, Hashable {
    /// Seconds; of all but the first.
    package let segmentDuration: Double
    private let openingDuration: Double

    /// - Parameter openingDuration: Seconds that the first segment lasts; at most a segment's duration.
    package init(segmentDuration: Double, openingDuration: Double) {
        self.segmentDuration = segmentDuration
        self.openingDuration = min(openingDuration, segmentDuration)
    }

    /// How many segments there are within the first segment's duration.
    private var early: Int { openingDuration < segmentDuration ? 2 : 1 }

    /// Seconds: when a segment starts.
    ///
    /// - Parameter index: From 0.
    package func start(of index: Int) -> Double {
        index < early ? Double(index) * openingDuration : Double(index - early + 1) * segmentDuration
    }

    /// The index of the segment that is planned for what is shown at `seconds`, from 0.
    package func index(at seconds: Double) -> Int {
        let whole = Int((seconds / segmentDuration).rounded(.down))
        return whole > 0 ? whole + early - 1 : seconds >= openingDuration ? early - 1 : 0
    }
}

extension TranscodePlan {
    package var grid: SegmentGrid { SegmentGrid(segmentDuration: segmentDuration, openingDuration: openingDuration) }
}
