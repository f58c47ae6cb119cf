/// The parameters of a query (application/x-www-form-urlencoded), read byte by byte: every client that comes back sends some.
package struct QueryParameters: Sendable, Hashable {
    private let text: Substring

    /// - Parameter text: What stands behind the question mark.
    package init(_ text: Substring) {
        self.text = text
    }

    /// The decoded value of parameter `name`; `nil` if there is none, or it cannot be decoded.
    ///
    /// Of repeated parameters the last wins, as in Plug.
    package subscript(name: String) -> String? {
        var last: Substring.UTF8View?
        forEach(name) { last = $0 }
        return last.flatMap(Self.decoded)
    }

    /// Every value of `name`, in the order of the query; `nil` for one that cannot be decoded.
    package func values(of name: String) -> [String?] {
        var values: [String?] = []
        forEach(name) { values.append(Self.decoded($0)) }
        return values
    }

    /// The parameters but for those of these names.
    package func excluding(_ names: Set<String>) -> QueryParameters {
        let others = text.split(separator: "&").filter { pair in
            let name = pair.utf8.prefix { $0 != UInt8(ascii: "=") }
            return !names.contains { Self.isSame(name, $0) }
        }
        return QueryParameters(others.joined(separator: "&")[...])
    }

    private func forEach(_ name: String, _ body: (_ value: Substring.UTF8View) -> Void) {
        var rest = text.utf8
        while !rest.isEmpty {
            let end = rest.firstIndex(of: UInt8(ascii: "&")) ?? rest.endIndex
            let pair = rest[..<end]
            rest = rest[end...].dropFirst()
            let equals = pair.firstIndex(of: UInt8(ascii: "=")) ?? pair.endIndex
            guard !pair.isEmpty, Self.isSame(pair[..<equals], name) else { continue }
            body(pair[equals...].dropFirst())
        }
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
