/// Guesses whether an event will be the only one of its turn of the loop.
///
/// Frames that come together should leave together, in one system call for each connection. One that comes alone costs less
/// if each connection is looked at once, to write and to flush, and not twice with all others in between.
struct DeliveryPace {
    private var count = 0
    private var previousCount = 0

    /// Whether the event that began last was the first of its turn.
    var isFirst: Bool { count == 1 }

    /// An event is to be delivered; returns whether it is likely to be alone.
    mutating func begin() -> Bool {
        count += 1
        return count == 1 && previousCount <= 1
    }

    /// The turn is over.
    mutating func end() {
        previousCount = count
        count = 0
    }
}
