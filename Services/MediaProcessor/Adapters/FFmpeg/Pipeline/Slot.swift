/// A picture's place in the presentation.
struct Slot: Hashable {
    /// Ticks.
    let time: Int64
    let isKeyframe: Bool
    let startsSegment: Bool
    /// Whether it may be told by pictures that are shown after it; `nil` leaves that to the encoder.
    var isBidirectional: Bool?

    /// The same, with that left to the encoder.
    var undecided: Slot { Slot(time: time, isKeyframe: isKeyframe, startsSegment: startsSegment) }
}
