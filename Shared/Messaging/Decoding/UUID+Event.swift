import Foundation

extension UUID {
    /// 06427f00-23f3-4e6c-9d5a-9c77a86b6d25, the namespace of ids that are made for events which come without one.
    static let events = UUID(
        uuid: (0x06, 0x42, 0x7F, 0x00, 0x23, 0xF3, 0x4E, 0x6C, 0x9D, 0x5A, 0x9C, 0x77, 0xA8, 0x6B, 0x6D, 0x25)
    )

    /// The event's id for an id that its publisher chose: itself if it is a UUID, else a UUIDv5 of it.
    ///
    /// - Parameter kind: Keeps equal ids of different kinds apart.
    static func eventID(_ text: String, of kind: String) -> UUID {
        UUID(uuidString: text) ?? .derived(from: .events, "\(kind) \(text)")
    }
}
