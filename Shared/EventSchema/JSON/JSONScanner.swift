/// A cursor over JSON text that finds where values begin and end, without building them.
///
/// The bytes are handed to each call, so that the scanner can walk a network buffer in place: the gateway splices the
/// payload of a frame into the next one by its range and never decodes it.
package struct JSONScanner {
    /// Deeper nesting is refused: a parser that recurses is a stack that a stranger can exhaust.
    package static let maximumDepth = 64

    /// The next byte to read.
    package private(set) var index: Int

    package init(at index: Int = 0) {
        self.index = index
    }

    // MARK: Structure

    /// Skips white space, then `byte` if it comes next.
    package mutating func consume(_ byte: UInt8, in bytes: Span<UInt8>) -> Bool {
        guard peek(in: bytes) == byte else { return false }
        index += 1
        return true
    }

    /// Skips white space, then `byte`, which must come next.
    package mutating func expect(_ byte: UInt8, in bytes: Span<UInt8>) throws(JSONError) {
        guard consume(byte, in: bytes) else {
            throw JSONError("expected '\(Character(Unicode.Scalar(byte)))'", at: index)
        }
    }

    /// The next byte that is not white space; `nil` at the end.
    package mutating func peek(in bytes: Span<UInt8>) -> UInt8? {
        while index < bytes.count {
            switch bytes[index] {
            case 0x20, 0x09, 0x0A, 0x0D: index += 1
            case let byte: return byte
            }
        }
        return nil
    }

    /// Requires that nothing but white space is left.
    package mutating func expectEnd(in bytes: Span<UInt8>) throws(JSONError) {
        guard peek(in: bytes) == nil else { throw JSONError("text after the value", at: index) }
    }

    // MARK: Values

    /// Skips one value of any kind and returns the range of its text.
    package mutating func skipValue(in bytes: Span<UInt8>, depth: Int = 0) throws(JSONError) -> Range<Int> {
        guard let first = peek(in: bytes) else { throw JSONError("unexpected end", at: index) }
        let start = index
        switch first {
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            guard depth < Self.maximumDepth else { throw JSONError("nested too deeply", at: index) }
            try skipContainer(in: bytes, depth: depth)
        case UInt8(ascii: "\""): _ = try skipString(in: bytes)
        case UInt8(ascii: "t"): try skipKeyword("true", in: bytes)
        case UInt8(ascii: "f"): try skipKeyword("false", in: bytes)
        case UInt8(ascii: "n"): try skipKeyword("null", in: bytes)
        default: _ = try skipNumber(in: bytes)
        }
        return start..<index
    }

    private mutating func skipContainer(in bytes: Span<UInt8>, depth: Int) throws(JSONError) {
        let isObject = bytes[index] == UInt8(ascii: "{")
        let closing = UInt8(ascii: isObject ? "}" : "]")
        index += 1
        if consume(closing, in: bytes) { return }
        repeat {
            if isObject {
                guard peek(in: bytes) == UInt8(ascii: "\"") else {
                    throw JSONError("expected a member name", at: index)
                }
                _ = try skipString(in: bytes)
                try expect(UInt8(ascii: ":"), in: bytes)
            }
            _ = try skipValue(in: bytes, depth: depth + 1)
        } while consume(UInt8(ascii: ","), in: bytes)
        try expect(closing, in: bytes)
    }

    /// Skips a string and returns the range between its quotes and whether it holds escapes.
    package mutating func skipString(in bytes: Span<UInt8>) throws(JSONError) -> (content: Range<Int>, escaped: Bool) {
        try expect(UInt8(ascii: "\""), in: bytes)
        let start = index
        var escaped = false
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "\""):
                index += 1
                return (start..<(index - 1), escaped)
            case UInt8(ascii: "\\"):
                escaped = true
                try skipEscape(in: bytes)
            case 0..<0x20: throw JSONError("control character in a string", at: index)
            default: index += 1
            }
        }
        throw JSONError("unterminated string", at: start)
    }

    private mutating func skipEscape(in bytes: Span<UInt8>) throws(JSONError) {
        guard index + 1 < bytes.count else { throw JSONError("unterminated string", at: index) }
        switch bytes[index + 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            index += 2
        case UInt8(ascii: "u"):
            guard index + 6 <= bytes.count else { throw JSONError("unterminated string", at: index) }
            for offset in 2..<6 where !bytes[index + offset].isHexDigit {
                throw JSONError("bad \\u escape", at: index)
            }
            index += 6
        default: throw JSONError("bad escape", at: index)
        }
    }

    private mutating func skipKeyword(_ word: StaticString, in bytes: Span<UInt8>) throws(JSONError) {
        for character in String(describing: word).utf8 {
            guard index < bytes.count, bytes[index] == character else { throw JSONError("unknown word", at: index) }
            index += 1
        }
    }

    /// Skips a number; returns whether its literal is a plain integer.
    package mutating func skipNumber(in bytes: Span<UInt8>) throws(JSONError) -> Bool {
        let start = index
        if index < bytes.count, bytes[index] == UInt8(ascii: "-") { index += 1 }
        let leading = index
        guard skipDigits(in: bytes) else { throw JSONError("unexpected character", at: start) }
        if bytes[leading] == UInt8(ascii: "0"), index > leading + 1 { throw JSONError("leading zero", at: leading) }
        var isInteger = true
        if index < bytes.count, bytes[index] == UInt8(ascii: ".") {
            isInteger = false
            index += 1
            guard skipDigits(in: bytes) else { throw JSONError("digits missing after '.'", at: index) }
        }
        if index < bytes.count, bytes[index] | 0x20 == UInt8(ascii: "e") {
            isInteger = false
            index += 1
            if index < bytes.count, bytes[index] == UInt8(ascii: "+") || bytes[index] == UInt8(ascii: "-") {
                index += 1
            }
            guard skipDigits(in: bytes) else { throw JSONError("digits missing in the exponent", at: index) }
        }
        return isInteger
    }

    private mutating func skipDigits(in bytes: Span<UInt8>) -> Bool {
        let start = index
        while index < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[index]) { index += 1 }
        return index > start
    }
}

extension UInt8 {
    fileprivate var isHexDigit: Bool {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
            UInt8(ascii: "A")...UInt8(ascii: "F"):
            true
        default: false
        }
    }
}
