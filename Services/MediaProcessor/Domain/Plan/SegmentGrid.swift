/// When segments start, in seconds: every `segmentDuration`, and once more within the first of them where viewers shall not have
/// to wait for all of it.
package struct SegmentGrid: Sendable, Hashable {
    /// Seconds from one start to the next, behind the opening.
    package let segmentDuration: Double
    private let openingDuration: Double

    /// - Parameter openingDuration: Seconds that the first segment lasts; what exceeds a segment's duration is cut.
    package init(segmentDuration: Double, openingDuration: Double) {
        self.segmentDuration = segmentDuration
        self.openingDuration = min(openingDuration, segmentDuration)
    }

    /// How many segments start within the first `segmentDuration`.
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
