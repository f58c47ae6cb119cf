/// A stretch of a source whose pictures are encoded by themselves, from a closed group of pictures on.
///
/// A value that says all that whoever encodes the part has to know besides the source and the plan.
package struct PartPlan: Sendable, Hashable, Codable {
    /// From 0; the first part is the opening, which viewers can watch first.
    package var index: Int
    /// Seconds: the first picture at or after it is the part's first, unless one from before is still on show.
    package var start: Double
    /// Seconds: where the next part starts; `nil` for the last one, which ends where the source does.
    package var end: Double?
    /// Number of its first segment, from 1.
    package var firstSegment: Int

    package init(index: Int, start: Double, end: Double?, firstSegment: Int) {
        self.index = index
        self.start = start
        self.end = end
        self.firstSegment = firstSegment
    }
}
