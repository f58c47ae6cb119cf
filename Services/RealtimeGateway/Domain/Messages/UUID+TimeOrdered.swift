package import EventSchema
package import Foundation

extension UUID {
    /// A UUIDv7 (RFC 9562 section 5.7): later ones sort behind earlier ones, to the millisecond.
    package static func timeOrdered(at timestamp: Timestamp) -> UUID {
        let time = UInt64(clamping: timestamp.milliseconds)
        let low = UInt64.random(in: .min ... .max)
        let high = UInt16.random(in: .min ... .max)
        func byte(_ value: UInt64, _ shift: UInt64) -> UInt8 { UInt8(truncatingIfNeeded: value >> shift) }
        return UUID(
            uuid: (
                byte(time, 40), byte(time, 32), byte(time, 24), byte(time, 16), byte(time, 8), byte(time, 0),
                UInt8(high >> 8) & 0x0F | 0x70, UInt8(truncatingIfNeeded: high),
                byte(low, 56) & 0x3F | 0x80, byte(low, 48), byte(low, 40), byte(low, 32),
                byte(low, 24), byte(low, 16), byte(low, 8), byte(low, 0)
            )
        )
    }
}
