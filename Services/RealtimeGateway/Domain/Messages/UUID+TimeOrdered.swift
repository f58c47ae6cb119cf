package import EventSchema
package import Foundation

extension UUID {
    /// A UUIDv7 (RFC 9562 section 5.7): later ones sort behind earlier ones, to the millisecond.
    package static func timeOrdered(at timestamp: Timestamp) -> UUID {
        let time = UInt64(clamping: timestamp.milliseconds)
        return UUID(timeOrder: time << 16 | 0x7000 | .random(in: 0..<4096))
    }

    /// - Parameter order: The first eight bytes, version included; the others are random.
    init(timeOrder order: UInt64) {
        let low = UInt64.random(in: .min ... .max)
        func byte(_ value: UInt64, _ shift: UInt64) -> UInt8 { UInt8(truncatingIfNeeded: value >> shift) }
        self.init(
            uuid: (
                byte(order, 56), byte(order, 48), byte(order, 40), byte(order, 32),
                byte(order, 24), byte(order, 16), byte(order, 8), byte(order, 0),
                byte(low, 56) & 0x3F | 0x80, byte(low, 48), byte(low, 40), byte(low, 32),
                byte(low, 24), byte(low, 16), byte(low, 8), byte(low, 0)
            )
        )
    }

    /// The first eight bytes as a number, by which the ids that one process gives to messages order as these are told.
    package var timeOrder: UInt64 {
        let bytes = uuid
        let first = [bytes.0, bytes.1, bytes.2, bytes.3, bytes.4, bytes.5, bytes.6, bytes.7]
        return first.reduce(0) { $0 << 8 | UInt64($1) }
    }
}
