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

    /// Appends JSON text as a JSON string.
    ///
    /// Of what has to be escaped, JSON text has but quotes, backslashes and the white space between its tokens.
    mutating func writeJSONString(of text: ByteBuffer) {
        let bytes = text.readableBytesUInt8Span
        writeStaticString("\"")
        var start = 0
        for index in bytes.indices {
            guard let escaped = Self.escape(of: bytes[index]) else { continue }
            writeImmutableBuffer(text.slice(of: start..<index))
            writeStaticString(escaped)
            start = index + 1
        }
        writeImmutableBuffer(text.slice(of: start..<bytes.count))
        writeStaticString("\"")
    }

    private static func escape(of byte: UInt8) -> StaticString? {
        switch byte {
        case UInt8(ascii: "\""): "\\\""
        case UInt8(ascii: "\\"): "\\\\"
        case UInt8(ascii: "\n"): "\\n"
        case UInt8(ascii: "\r"): "\\r"
        case UInt8(ascii: "\t"): "\\t"
        default: nil
        }
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
