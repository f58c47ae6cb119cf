package import NIOCore

/// Where an event stands among all that can be recovered on this node; every event loop delivers them in this order.
package struct EventPosition: Sendable, Hashable, Comparable {
    /// What the event's publisher ordered it by, or the event before it.
    package let major: UInt64
    /// Its place among those of the same major.
    package let minor: UInt32

    package static let zero = EventPosition(major: 0, minor: 0)

    package init(major: UInt64, minor: UInt32) {
        self.major = major
        self.minor = minor
    }

    /// The next position, for an event that was ordered by its publisher or was not.
    func next(_ order: UInt64?) -> EventPosition {
        if let order, order > major { return EventPosition(major: order, minor: 0) }
        return minor < .max ? EventPosition(major: major, minor: minor + 1) : EventPosition(major: major + 1, minor: 0)
    }

    package static func < (left: EventPosition, right: EventPosition) -> Bool {
        (left.major, left.minor) < (right.major, right.minor)
    }

    /// How clients spell it: 12 bytes in base64url.
    package var text: String {
        var bytes = ByteBuffer(integer: major)
        bytes.writeInteger(minor)
        return Base64URL.encode(Array(bytes.readableBytesView))
    }

    /// Reads a position off the front of what clients send back.
    package init?(_ bytes: inout ByteBuffer) {
        guard let major = bytes.readInteger(as: UInt64.self), let minor = bytes.readInteger(as: UInt32.self) else {
            return nil
        }
        self.init(major: major, minor: minor)
    }
}
