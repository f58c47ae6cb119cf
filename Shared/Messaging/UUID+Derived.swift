import Crypto
package import Foundation

extension UUID {
    /// The id of an event that follows from another: UUIDv5 (RFC 9562 section 5.5) of the cause's id and the new type.
    ///
    /// Work that is repeated after a crash publishes under the same id again, so that receivers see one event.
    package static func derived(from cause: UUID, _ discriminator: String) -> UUID {
        var hash = Insecure.SHA1()
        unsafe withUnsafeBytes(of: cause.uuid) { unsafe hash.update(bufferPointer: $0) }
        hash.update(data: Array(discriminator.utf8))
        var bytes = Array(hash.finalize().prefix(16))
        bytes[6] = bytes[6] & 0x0F | 0x50
        bytes[8] = bytes[8] & 0x3F | 0x80
        return UUID(
            uuid: (
                bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5], bytes[6], bytes[7],
                bytes[8], bytes[9], bytes[10], bytes[11], bytes[12], bytes[13], bytes[14], bytes[15]
            )
        )
    }
}
