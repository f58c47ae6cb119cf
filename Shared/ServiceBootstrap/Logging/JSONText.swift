/// Appends JSON to bytes without building values first: for lines that are written all day.
struct JSONText {
    private(set) var bytes: [UInt8]
    private var needsComma = false

    init(capacity: Int = 384) {
        bytes = []
        bytes.reserveCapacity(capacity)
    }

    mutating func open(_ bracket: Character = "{") {
        separate()
        append(bracket == "{" ? "{" : "[")
        needsComma = false
    }

    mutating func close(_ bracket: Character = "}") {
        append(bracket == "}" ? "}" : "]")
        needsComma = true
    }

    mutating func key(_ name: String) {
        separate()
        quote(name)
        append(":")
        needsComma = false
    }

    mutating func value(_ text: String) {
        separate()
        quote(text)
        needsComma = true
    }

    /// A number or a word of JSON.
    mutating func value(literal: String) {
        separate()
        append(literal)
        needsComma = true
    }

    mutating func member(_ name: String, _ text: String) {
        key(name)
        value(text)
    }

    mutating func newline() {
        append("\n")
    }

    private mutating func separate() {
        if needsComma { append(",") }
    }

    private mutating func append(_ text: String) {
        bytes.append(contentsOf: text.utf8)
    }

    private mutating func quote(_ text: String) {
        append("\"")
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""): append("\\\"")
            case UInt8(ascii: "\\"): append("\\\\")
            case 0x0A: append("\\n")
            case 0x0D: append("\\r")
            case 0x09: append("\\t")
            case 0..<0x20, 0x7F:
                append("\\u00")
                bytes.append(Self.digits[Int(byte >> 4)])
                bytes.append(Self.digits[Int(byte & 15)])
            default: bytes.append(byte)
            }
        }
        append("\"")
    }

    private static let digits = Array("0123456789abcdef".utf8)
}
