/// Cuts a source into parts, on the segments' grid.
///
/// Pure: the same source and plan give the same parts, so that a job which is taken up again finds its own.
package struct PartPlanner: Sendable {
    /// Seconds: long enough that an encoder's fresh start costs little, short enough that little is lost with one.
    private static let partDuration = 30.0
    /// Where the source's index has a keyframe at or before some seconds.
    package typealias Keyframe = (Double) -> Double?

    private let grid: SegmentGrid
    private let duration: Double?

    /// - Parameter duration: Seconds that the source claims to last, if it does.
    package init(_ grid: SegmentGrid, duration: Double?) {
        self.grid = grid
        self.duration = duration.flatMap { $0.isFinite && $0 > 0 ? $0 : nil }
    }

    /// - Parameter keyframe: `nil` where the source cannot be read from the middle: then all behind the opening is one part.
    package func parts(keyframe: Keyframe?) -> [PartPlan] {
        var starts = [0]
        if duration.map({ $0 > grid.start(of: 1) }) ?? true { starts.append(1) }
        if let keyframe, let duration, starts.count == 2 {
            let last = grid.index(at: duration)
            while let next = nextStart(after: starts[starts.count - 1], last: last, keyframe) { starts.append(next) }
        }
        return starts.enumerated().map { index, start in
            PartPlan(
                index: index,
                start: grid.start(of: start),
                end: index + 1 < starts.count ? grid.start(of: starts[index + 1]) : nil,
                firstSegment: start + 1
            )
        }
    }

    /// The segment at which the next part starts; `nil` if what is left is one part.
    private func nextStart(after start: Int, last: Int, _ keyframe: Keyframe) -> Int? {
        let length = max(1, Int((Self.partDuration / grid.segmentDuration).rounded()))
        let slack = length / 4
        guard last - start >= length + max(1, length / 2) else { return nil }
        // What is decoded in vain before a part is what lies between the keyframe and its start.
        let candidates = (start + length - slack)...(start + length + slack)
        return candidates.min {
            cost(of: $0, near: start + length, keyframe) < cost(of: $1, near: start + length, keyframe)
        }
    }

    /// Seconds decoded in vain, in steps that count; then the distance from the usual length.
    private func cost(of segment: Int, near usual: Int, _ keyframe: Keyframe) -> (Int, Int) {
        let start = grid.start(of: segment)
        let waste = start - (keyframe(start) ?? 0)
        return (Int((waste * 4).rounded()), abs(segment - usual))
    }
}
