import EventSchema
import Foundation

/// Makes UUIDv7s of which each sorts behind those before it, by its first eight bytes already.
///
/// RFC 9562 section 6.2, method 1: the 12 bits behind the version count within a millisecond, from a random number that
/// leaves room for 2,048 more. When that is used up, or the clock goes back, the time in the ids runs ahead of the clock.
struct AscendingIDs: Sendable {
    /// Milliseconds in the upper bits, the counter in the lower 12.
    private var last: UInt64 = 0

    mutating func next(at timestamp: Timestamp) -> UUID {
        let time = UInt64(clamping: timestamp.milliseconds) & 0xFFFF_FFFF_FFFF
        last = time > last >> 12 ? time << 12 | .random(in: 0..<2048) : last + 1
        return UUID(timeOrder: (last >> 12) << 16 | 0x7000 | last & 0xFFF)
    }
}
