/// What the parts before have settled for one that is about to be made; a plain value, as its plan and its result are.
package struct PartContext: Sendable, Hashable, Codable {
    /// Ticks: where the part before ends; `nil` if that is not made yet.
    ///
    /// Both sides of a boundary find the same place by themselves, but for damaged sources.
    package var expectedStart: Int64?
    /// What the pictures' values mean; `nil` in the first part, which finds it.
    package var colors: PictureColors?
    /// Per rung of the plan; empty in the first part.
    package var heads: [TrackHead]

    package init(expectedStart: Int64? = nil, colors: PictureColors? = nil, heads: [TrackHead] = []) {
        self.expectedStart = expectedStart
        self.colors = colors
        self.heads = heads
    }
}
