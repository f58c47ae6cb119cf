/// Reads the query of a request (application/x-www-form-urlencoded), byte by byte: every client that comes back sends one.
enum QueryText {
    /// The decoded value of the last parameter `name`; `nil` if there is none, or it cannot be decoded.
    static func value(of name: String, in query: Substring) -> String? {
        var value: String?
        for pair in query.utf8.split(separator: UInt8(ascii: "&")) {
            let end = pair.firstIndex(of: UInt8(ascii: "=")) ?? pair.endIndex
            guard isSame(pair[..<end], name) else { continue }
            value = end == pair.endIndex ? "" : decoded(pair[pair.index(after: end)...])
        }
        return value
    }

    private static func isSame(_ encoded: Substring.UTF8View, _ name: String) -> Bool {
        encoded.elementsEqual(name.utf8) || (isEncoded(encoded) && decoded(encoded) == name)
    }

    private static func isEncoded(_ text: Substring.UTF8View) -> Bool {
        text.contains { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "+") }
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        Character(UnicodeScalar(byte)).hexDigitValue.map(UInt8.init)
    }

    /// `nil` for a broken escape, and for bytes that are not UTF-8.
    private static func decoded(_ text: Substring.UTF8View) -> String? {
        guard isEncoded(text) else { return String(Substring(text)) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        var rest = text
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit) else {
                    return nil
                }
                bytes.append(high << 4 | low)
            default: bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
