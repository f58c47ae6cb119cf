/// Builds ``JSONValue`` from text, strictly (RFC 8259): no comments, no trailing commas, UTF-8 only.
///
/// Of repeated member names the last wins, as in JavaScript, PHP and Python.
package struct JSONParser {
    /// Values of one text: short ones take many times their bytes in memory.
    package static let maximumValues = 1_000_000

    private var scanner = JSONScanner()
    private var values = 0

    private init() {}

    /// Parses a whole text.
    package static func parse(_ bytes: Span<UInt8>) throws(JSONError) -> JSONValue {
        var parser = JSONParser()
        let value = try parser.value(in: bytes, depth: 0)
        try parser.scanner.expectEnd(in: bytes)
        return value
    }

    /// Parses a whole text.
    package static func parse(_ bytes: [UInt8]) throws(JSONError) -> JSONValue {
        try parse(bytes.span)
    }

    /// Parses a whole text.
    package static func parse(_ text: String) throws(JSONError) -> JSONValue {
        try parse(Array(text.utf8).span)
    }

    /// Decodes the text of one string, given between its quotes, as ``JSONScanner/skipString(in:)`` found it.
    package static func unescape(
        _ content: Range<Int>,
        escaped: Bool,
        in bytes: Span<UInt8>
    ) throws(JSONError) -> String {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(content.count)
        var index = content.lowerBound
        while index < content.upperBound {
            if escaped, bytes[index] == UInt8(ascii: "\\") {
                try appendEscape(at: &index, end: content.upperBound, in: bytes, to: &decoded)
            } else {
                decoded.append(bytes[index])
                index += 1
            }
        }
        guard let text = String(validating: decoded, as: UTF8.self) else {
            throw JSONError("string is not UTF-8", at: content.lowerBound)
        }
        return text
    }

    // MARK: Values

    private mutating func value(in bytes: Span<UInt8>, depth: Int) throws(JSONError) -> JSONValue {
        guard let first = scanner.peek(in: bytes) else { throw JSONError("unexpected end", at: scanner.index) }
        values += 1
        guard values <= Self.maximumValues else {
            throw JSONError("more than \(Self.maximumValues) values", at: scanner.index)
        }
        switch first {
        case UInt8(ascii: "{"):
            guard depth < JSONScanner.maximumDepth else { throw JSONError("nested too deeply", at: scanner.index) }
            return try object(in: bytes, depth: depth + 1)
        case UInt8(ascii: "["):
            guard depth < JSONScanner.maximumDepth else { throw JSONError("nested too deeply", at: scanner.index) }
            return try array(in: bytes, depth: depth + 1)
        case UInt8(ascii: "\""):
            return .string(try string(in: bytes))
        case UInt8(ascii: "t"), UInt8(ascii: "f"), UInt8(ascii: "n"):
            _ = try scanner.skipValue(in: bytes)
            return first == UInt8(ascii: "n") ? .null : .bool(first == UInt8(ascii: "t"))
        default:
            return try number(in: bytes)
        }
    }

    private mutating func object(in bytes: Span<UInt8>, depth: Int) throws(JSONError) -> JSONValue {
        try scanner.expect(UInt8(ascii: "{"), in: bytes)
        var members: JSONObject = [:]
        if scanner.consume(UInt8(ascii: "}"), in: bytes) { return .object(members) }
        repeat {
            let name = try string(in: bytes)
            try scanner.expect(UInt8(ascii: ":"), in: bytes)
            members[name] = try value(in: bytes, depth: depth)
        } while scanner.consume(UInt8(ascii: ","), in: bytes)
        try scanner.expect(UInt8(ascii: "}"), in: bytes)
        return .object(members)
    }

    private mutating func array(in bytes: Span<UInt8>, depth: Int) throws(JSONError) -> JSONValue {
        try scanner.expect(UInt8(ascii: "["), in: bytes)
        var elements: [JSONValue] = []
        if scanner.consume(UInt8(ascii: "]"), in: bytes) { return .array(elements) }
        repeat {
            elements.append(try value(in: bytes, depth: depth))
        } while scanner.consume(UInt8(ascii: ","), in: bytes)
        try scanner.expect(UInt8(ascii: "]"), in: bytes)
        return .array(elements)
    }

    private mutating func string(in bytes: Span<UInt8>) throws(JSONError) -> String {
        let (content, escaped) = try scanner.skipString(in: bytes)
        return try Self.unescape(content, escaped: escaped, in: bytes)
    }

    private mutating func number(in bytes: Span<UInt8>) throws(JSONError) -> JSONValue {
        let start = scanner.index
        let isInteger = try scanner.skipNumber(in: bytes)
        var literal = ""
        for index in start..<scanner.index { literal.unicodeScalars.append(Unicode.Scalar(bytes[index])) }
        if isInteger, let integer = Int64(literal) { return .integer(integer) }
        return .number(literal)
    }

    // MARK: Escapes

    private static func appendEscape(
        at index: inout Int,
        end: Int,
        in bytes: Span<UInt8>,
        to decoded: inout [UInt8]
    ) throws(JSONError) {
        let letter = bytes[index + 1]
        guard letter == UInt8(ascii: "u") else {
            decoded.append(plainEscapes[letter] ?? letter)
            index += 2
            return
        }
        let start = index
        var code = hexadecimal(at: index + 2, in: bytes)
        index += 6
        // A character outside the basic plane is spelled as two surrogates (RFC 8259 section 7).
        if (0xD800..<0xDC00).contains(code), index + 6 <= end,
            bytes[index] == UInt8(ascii: "\\"), bytes[index + 1] == UInt8(ascii: "u")
        {
            let low = hexadecimal(at: index + 2, in: bytes)
            if (0xDC00..<0xE000).contains(low) {
                code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
                index += 6
            }
        }
        guard let scalar = Unicode.Scalar(code) else { throw JSONError("lone surrogate", at: start) }
        decoded.append(contentsOf: Array(String(scalar).utf8))
    }

    private static let plainEscapes: [UInt8: UInt8] = [
        UInt8(ascii: "b"): 0x08, UInt8(ascii: "f"): 0x0C, UInt8(ascii: "n"): 0x0A, UInt8(ascii: "r"): 0x0D,
        UInt8(ascii: "t"): 0x09,
    ]

    /// Four hexadecimal digits, which the scanner has checked.
    private static func hexadecimal(at index: Int, in bytes: Span<UInt8>) -> UInt32 {
        var code: UInt32 = 0
        for offset in 0..<4 {
            let digit = bytes[index + offset]
            code = code << 4 | UInt32(digit <= UInt8(ascii: "9") ? digit - 0x30 : (digit | 0x20) - 0x57)
        }
        return code
    }
}
