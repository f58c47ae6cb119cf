import Foundation
import MediaDomain

/// The head of an object on its way from a child to the store, whose name and bytes follow; or of one that is to be taken
/// away, whose name follows.
struct ObjectHead: Hashable {
    /// Bytes on the wire.
    static let size = 12
    /// No name of ours is longer.
    static let longestName = 512
    /// Set in the length of a name whose object is to be taken away.
    private static let removal: UInt32 = 1 << 31

    /// Counts the child's objects, so that each has its own answer.
    var number: UInt32
    var nameLength: Int
    var size: Int
    var isRemoval: Bool

    init(number: UInt32, nameLength: Int, size: Int, isRemoval: Bool = false) {
        self.number = number
        self.nameLength = nameLength
        self.size = size
        self.isRemoval = isRemoval
    }

    /// Reads ``size-swift.type.property`` bytes; `nil` if a child of ours would not have sent them.
    init?(_ bytes: [UInt8]) {
        number = bytes.number(at: 0)
        let length = bytes.number(UInt32.self, at: 4)
        isRemoval = length & Self.removal != 0
        nameLength = Int(length & ~Self.removal)
        size = Int(bytes.number(UInt32.self, at: 8))
        guard (1...Self.longestName).contains(nameLength), size <= (isRemoval ? 0 : MediaLimits.objectBytes) else {
            return nil
        }
    }

    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(number)
        bytes.append(UInt32(nameLength) | (isRemoval ? Self.removal : 0))
        bytes.append(UInt32(size))
        return bytes
    }
}

/// What became of an object: its number, and the length of the error that follows, 0 if it is durable.
struct ObjectAnswer: Hashable {
    /// Bytes on the wire.
    static let size = 8
    /// Bytes of an error.
    static let longestError = 8 << 10

    var number: UInt32
    var errorLength: Int

    /// Reads ``size`` bytes.
    init(_ bytes: [UInt8]) {
        number = bytes.number(at: 0)
        errorLength = Int(bytes.number(UInt32.self, at: 4))
    }

    /// The whole answer on the wire.
    static func bytes(_ number: UInt32, _ error: MediaError?) -> [UInt8] {
        let reason = error.map(encoded) ?? []
        var bytes: [UInt8] = []
        bytes.append(number)
        bytes.append(UInt32(reason.count))
        return bytes + reason
    }

    private static func encoded(_ error: MediaError) -> [UInt8] {
        var error = error
        error.message = String(error.message.prefix(1000))
        return (try? JSONEncoder().encode(error)).map(Array.init) ?? [UInt8(ascii: "?")]
    }
}
