import NIOCore

/// The header fields of a request, in the bytes in which they came: few of them are ever asked for.
package struct RequestHeaders: Sendable {
    /// Where a field stands; heads are shorter than 64 KiB.
    struct Field {
        private let nameStart, nameEnd, valueStart, valueEnd: UInt16

        init(name: Range<Int>, value: Range<Int>) {
            nameStart = UInt16(name.lowerBound)
            nameEnd = UInt16(name.upperBound)
            valueStart = UInt16(value.lowerBound)
            valueEnd = UInt16(value.upperBound)
        }

        var name: Range<Int> { Int(nameStart)..<Int(nameEnd) }
        var value: Range<Int> { Int(valueStart)..<Int(valueEnd) }
    }

    private let bytes: ByteBuffer
    private let fields: [Field]

    init(bytes: ByteBuffer, fields: [Field]) {
        self.bytes = bytes
        self.fields = fields
    }

    // MARK: Looking up

    /// The value of the first field called `name`, in whichever case.
    package func first(name: String) -> String? {
        fields.first { isSame($0.name, name) }.map { text($0.value) }
    }

    /// The values of all fields called `name`.
    package subscript(name: String) -> [String] {
        fields.filter { isSame($0.name, name) }.map { text($0.value) }
    }

    package func contains(name: String) -> Bool { fields.contains { isSame($0.name, name) } }

    /// The elements of the lists that the fields called `name` are together (RFC 9110 section 5.6.1).
    package subscript(canonicalForm name: String) -> [Substring] {
        self[name].flatMap { $0.split(separator: ",") }.map { element in
            let isBlank = { (character: Character) in character == " " || character == "\t" }
            let rest = element.drop(while: isBlank)
            return rest[..<(rest.lastIndex { !isBlank($0) }.map(rest.index(after:)) ?? rest.startIndex)]
        }
    }

    /// Whether one of the elements of the lists called `name` is `token`, in whichever case.
    func lists(_ token: String, in name: String) -> Bool {
        fields.contains { field in
            isSame(field.name, name)
                && (isSame(field.value, token) || self[canonicalForm: name].contains { $0.lowercased() == token })
        }
    }

    func count(of name: String) -> Int { fields.count { isSame($0.name, name) } }

    // MARK: Bytes

    private func isSame(_ range: Range<Int>, _ text: String) -> Bool {
        guard range.count == text.utf8.count else { return false }
        let span = bytes.readableBytesUInt8Span
        var index = range.lowerBound
        for byte in text.utf8 {
            guard Self.lowercased(span[index]) == Self.lowercased(byte) else { return false }
            index += 1
        }
        return true
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }

    /// The bytes at `range` as text; what is no UTF-8 is replaced.
    func text(_ range: Range<Int>) -> String {
        bytes.getString(at: bytes.readerIndex + range.lowerBound, length: range.count) ?? ""
    }
}
