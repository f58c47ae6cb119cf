import ObjectStorage

/// What a child asks of the source: `length` bytes from `offset` on.
struct SourceRequest: Hashable {
    /// Bytes on the wire.
    static let size = 12
    /// The most that one request may ask for, so that a child cannot make us hold more.
    static let largestLength = 1 << 20

    var offset: Int64
    var length: Int

    init(offset: Int64, length: Int) {
        self.offset = offset
        self.length = length
    }

    /// Reads ``size`` bytes; `nil` if a child of ours would not have sent them.
    init?(_ bytes: [UInt8]) {
        offset = bytes.number(at: 0)
        length = Int(bytes.number(UInt32.self, at: 8))
        guard offset >= 0, (1...Self.largestLength).contains(length) else { return nil }
    }

    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(offset)
        bytes.append(UInt32(length))
        return bytes
    }
}

/// The head of an answer: how many bytes follow, and whether they are the source's or say what is wrong.
struct SourceAnswer: Hashable {
    /// Bytes on the wire.
    static let size = 8

    var isFailure: Bool
    var length: Int

    init(isFailure: Bool, length: Int) {
        self.isFailure = isFailure
        self.length = length
    }

    /// Reads ``size`` bytes.
    init(_ bytes: [UInt8]) {
        isFailure = bytes.number(UInt32.self, at: 0) != 0
        length = Int(bytes.number(UInt32.self, at: 4))
    }

    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(UInt32(isFailure ? 1 : 0))
        bytes.append(UInt32(length))
        return bytes
    }
}

/// A failure on its way to the child: the code, and the sentence.
enum SourceFailure {
    private static let longest = 4096

    static func bytes(of error: ObjectStoreError) -> [UInt8] {
        Array("\(error.code.rawValue)\n\(error.message)".utf8.prefix(longest))
    }

    static func error(from bytes: [UInt8]) -> ObjectStoreError {
        let parts = String(decoding: bytes, as: UTF8.self).split(separator: "\n", maxSplits: 1)
        let code = parts.first.flatMap { ObjectStoreError.Code(rawValue: String($0)) } ?? .unavailable
        return ObjectStoreError(code, parts.count == 2 ? String(parts[1]) : "the source cannot be read")
    }
}
