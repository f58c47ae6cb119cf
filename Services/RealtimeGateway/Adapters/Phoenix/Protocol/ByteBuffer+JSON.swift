import EventSchema
import NIOCore

extension ByteBuffer {
    /// Appends a string in quotes, escaped where RFC 8259 section 7 demands it.
    mutating func writeJSON(string: String) {
        guard string.utf8.contains(where: { $0 < 0x20 || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") }) else {
            writeStaticString("\"")
            writeString(string)
            writeStaticString("\"")
            return
        }
        writeBytes(JSONValue.string(string).encoded)
    }

    /// The bytes at a range that counts from the first readable one; shares the storage.
    func slice(of range: Range<Int>) -> ByteBuffer {
        getSlice(at: readerIndex + range.lowerBound, length: range.count) ?? ByteBuffer()
    }

    /// Reads a reference; null, a string or a number, and no longer than a binary frame could carry.
    func reference(_ range: Range<Int>) throws(JSONError) -> MessageReference {
        let literal = String(buffer: slice(of: range))
        guard literal.utf8.count <= 257, !literal.hasPrefix("{"), !literal.hasPrefix("[") else {
            throw JSONError("no reference", at: range.lowerBound)
        }
        return MessageReference(literal: literal)
    }
}
