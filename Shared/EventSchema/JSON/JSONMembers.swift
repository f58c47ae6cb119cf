/// Where the members of one JSON object stand in its text, so that a few can be read and the rest be passed on as they are.
///
/// Of repeated names the last wins, as in ``JSONParser``.
package struct JSONMembers {
    private struct Member {
        let name: Range<Int>
        let isEscaped: Bool
        let value: Range<Int>
    }

    private var members: [Member] = []

    /// Scans a text that is one object and nothing else.
    package init(scanning bytes: Span<UInt8>) throws(JSONError) {
        var scanner = JSONScanner()
        try self.init(&scanner, in: bytes)
        try scanner.expectEnd(in: bytes)
    }

    /// Scans the object at which `scanner` stands, and leaves the scanner behind it.
    package init(_ scanner: inout JSONScanner, in bytes: Span<UInt8>) throws(JSONError) {
        try scanner.expect(UInt8(ascii: "{"), in: bytes)
        if scanner.consume(UInt8(ascii: "}"), in: bytes) { return }
        repeat {
            let (name, isEscaped) = try scanner.skipString(in: bytes)
            try scanner.expect(UInt8(ascii: ":"), in: bytes)
            let value = try scanner.skipValue(in: bytes, depth: 1)
            members.append(Member(name: name, isEscaped: isEscaped, value: value))
        } while scanner.consume(UInt8(ascii: ","), in: bytes)
        try scanner.expect(UInt8(ascii: "}"), in: bytes)
    }

    /// Where the value of member `name` stands; `nil` if the object has no such member.
    package func value(of name: String, in bytes: Span<UInt8>) -> Range<Int>? {
        members.last { Self.matches($0, name, in: bytes) }?.value
    }

    private static func matches(_ member: Member, _ name: String, in bytes: Span<UInt8>) -> Bool {
        guard !member.isEscaped else {
            return (try? JSONParser.unescape(member.name, escaped: true, in: bytes)) == name
        }
        guard member.name.count == name.utf8.count else { return false }
        var index = member.name.lowerBound
        for byte in name.utf8 {
            guard bytes[index] == byte else { return false }
            index += 1
        }
        return true
    }
}

extension JSONParser {
    /// Decodes the string literal at `range`; `nil` if another kind of value stands there.
    package static func string(at range: Range<Int>, in bytes: Span<UInt8>) throws(JSONError) -> String? {
        guard bytes[range.lowerBound] == UInt8(ascii: "\"") else { return nil }
        var scanner = JSONScanner(at: range.lowerBound)
        let (content, escaped) = try scanner.skipString(in: bytes)
        return try unescape(content, escaped: escaped, in: bytes)
    }
}
