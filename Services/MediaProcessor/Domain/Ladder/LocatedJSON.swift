import Foundation

/// A value of a JSON text that knows its line, so that a mistake in somebody's file can be pointed at.
struct LocatedJSON {
    enum Value {
        case null
        case bool(Bool)
        case number(Double)
        case string(String)
        case array([LocatedJSON])
        case object([Member])
    }

    struct Member {
        let name: String
        let line: Int
        let value: LocatedJSON
    }

    let value: Value
    /// From 1: where the value begins.
    let line: Int

    /// Reads a whole text (RFC 8259).
    init(parsing bytes: [UInt8]) throws(LadderFileError) {
        var reader = JSONReader(bytes)
        self = try reader.document()
    }

    fileprivate init(_ value: Value, line: Int) {
        self.value = value
        self.line = line
    }
}

/// Goes through a JSON text once, byte by byte.
private struct JSONReader {
    /// Arrays and objects within one another.
    private static let deepest = 16

    private let bytes: [UInt8]
    private var position = 0
    private var line = 1
    private var depth = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func document() throws(LadderFileError) -> LocatedJSON {
        let value = try value()
        skipSpace()
        guard position == bytes.count else { throw unexpected("the end of the file") }
        return value
    }

    private mutating func value() throws(LadderFileError) -> LocatedJSON {
        skipSpace()
        let start = line
        guard depth < Self.deepest else { throw LadderFileError(line: line, "too many brackets within one another") }
        depth += 1
        defer { depth -= 1 }
        switch peek {
        case UInt8(ascii: "{"): return LocatedJSON(.object(try members()), line: start)
        case UInt8(ascii: "["): return LocatedJSON(.array(try elements()), line: start)
        case UInt8(ascii: "\""): return LocatedJSON(.string(try string()), line: start)
        default: return LocatedJSON(try word(), line: start)
        }
    }

    private mutating func members() throws(LadderFileError) -> [LocatedJSON.Member] {
        var members: [LocatedJSON.Member] = []
        try list(until: "}") { reader throws(LadderFileError) in
            reader.skipSpace()
            let line = reader.line
            guard reader.peek == UInt8(ascii: "\"") else { throw reader.unexpected("a name in quotes") }
            let name = try reader.string()
            try reader.take(":")
            members.append(.init(name: name, line: line, value: try reader.value()))
        }
        return members
    }

    private mutating func elements() throws(LadderFileError) -> [LocatedJSON] {
        var elements: [LocatedJSON] = []
        try list(until: "]") { reader throws(LadderFileError) in elements.append(try reader.value()) }
        return elements
    }

    /// What stands between an opening bracket and `closing`, with commas in between.
    private mutating func list(
        until closing: Unicode.Scalar,
        _ element: (inout Self) throws(LadderFileError) -> Void
    ) throws(LadderFileError) {
        position += 1
        skipSpace()
        if peek == UInt8(ascii: closing) {
            position += 1
            return
        }
        while true {
            try element(&self)
            skipSpace()
            if peek == UInt8(ascii: closing) { break }
            guard peek == UInt8(ascii: ",") else { throw unexpected("',' or '\(closing)'") }
            position += 1
        }
        position += 1
    }

    private mutating func string() throws(LadderFileError) -> String {
        let start = position
        position += 1
        while let byte = peek, byte != UInt8(ascii: "\""), byte >= 0x20 {
            position += byte == UInt8(ascii: "\\") ? 2 : 1
        }
        guard peek == UInt8(ascii: "\"") else { throw unexpected("a text that ends on its line") }
        position += 1
        // Its escapes are the library's business.
        guard let text = try? JSONDecoder().decode(String.self, from: Data(bytes[start..<position])) else {
            throw LadderFileError(line: line, "a text is not valid")
        }
        return text
    }

    /// A number, `true`, `false` or `null`.
    private mutating func word() throws(LadderFileError) -> LocatedJSON.Value {
        let start = position
        while let byte = peek, !" \t\r\n,:[]{}\"".utf8.contains(byte) { position += 1 }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        switch text {
        case "true": return .bool(true)
        case "false": return .bool(false)
        case "null": return .null
        default:
            let isNumber = text.utf8.allSatisfy { "0123456789+-.eE".utf8.contains($0) }
            if isNumber, let number = Double(text), number.isFinite { return .number(number) }
            throw LadderFileError(line: line, text.isEmpty ? "expected a value" : "'\(text.prefix(40))' is no value")
        }
    }

    // MARK: Bytes

    private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipSpace() {
        while let byte = peek, " \t\r\n".utf8.contains(byte) {
            if byte == UInt8(ascii: "\n") { line += 1 }
            position += 1
        }
    }

    private mutating func take(_ character: Unicode.Scalar) throws(LadderFileError) {
        skipSpace()
        guard peek == UInt8(ascii: character) else { throw unexpected("'\(character)'") }
        position += 1
    }

    private func unexpected(_ expected: String) -> LadderFileError {
        LadderFileError(line: line, "expected \(expected)")
    }
}
