/// A picture's place in the presentation.
struct Slot: Hashable {
    /// Ticks.
    let time: Int64
    let isKeyframe: Bool
    let startsSegment: Bool
}
