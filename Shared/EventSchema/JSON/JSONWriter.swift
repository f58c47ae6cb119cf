/// Writes JSON text: compact, members ordered by name, UTF-8 unescaped, so that equal values are equal bytes.
package struct JSONWriter {
    /// The text so far.
    package private(set) var bytes: [UInt8]

    package init(capacity: Int = 256) {
        bytes = []
        bytes.reserveCapacity(capacity)
    }

    package mutating func write(_ value: JSONValue) {
        switch value {
        case .null: write(literal: "null")
        case .bool(let value): write(literal: value ? "true" : "false")
        case .integer(let value): write(literal: String(value))
        case .number(let literal): write(literal: literal)
        case .string(let value): write(string: value)
        case .array(let elements): write(array: elements)
        case .object(let members): write(object: members)
        }
    }

    /// Appends text that is JSON already, or punctuation.
    package mutating func write(literal: String) {
        bytes.append(contentsOf: literal.utf8)
    }

    /// Appends a string in quotes, escaping what RFC 8259 section 7 demands.
    package mutating func write(string: String) {
        bytes.append(UInt8(ascii: "\""))
        for byte in string.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case 0x0A: write(literal: "\\n")
            case 0x0D: write(literal: "\\r")
            case 0x09: write(literal: "\\t")
            case 0..<0x20:
                write(literal: "\\u00")
                bytes.append(Self.hexDigits[Int(byte >> 4)])
                bytes.append(Self.hexDigits[Int(byte & 15)])
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static let hexDigits = Array("0123456789abcdef".utf8)

    private mutating func write(array elements: [JSONValue]) {
        bytes.append(UInt8(ascii: "["))
        for (index, element) in elements.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            write(element)
        }
        bytes.append(UInt8(ascii: "]"))
    }

    private mutating func write(object members: JSONObject) {
        bytes.append(UInt8(ascii: "{"))
        for (index, name) in members.keys.sorted().enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            write(string: name)
            bytes.append(UInt8(ascii: ":"))
            write(members[name] ?? .null)
        }
        bytes.append(UInt8(ascii: "}"))
    }
}

extension JSONValue {
    /// The value as compact JSON text.
    package var encoded: [UInt8] {
        var writer = JSONWriter()
        writer.write(self)
        return writer.bytes
    }
}

extension JSONValue: CustomStringConvertible {
    package var description: String { String(decoding: encoded, as: UTF8.self) }
}
