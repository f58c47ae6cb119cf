/// An element of an XML text.
struct XMLElementNode: Sendable, Hashable {
    /// Without a namespace's prefix.
    var name: String
    /// All text directly within.
    var text = ""
    var children: [XMLElementNode] = []

    /// The text of the first child of this name.
    func text(of name: String) -> String? { children.first { $0.name == name }?.text }

    func children(named name: String) -> [XMLElementNode] { children.filter { $0.name == name } }
}

/// Reads the XML that S3 servers answer with, and no more of XML than that.
///
/// Elements, text, CDATA, comments, the five entities and numbered ones; attributes are skipped. A text with a document
/// type, which is where entities that grow without end are declared, is refused, as is what is deeper or longer than any
/// honest answer. Foundation's own parser would bring libxml2 along, for answers of two kinds.
struct XMLDocument {
    /// What a text may not exceed.
    struct Limits {
        var depth = 16
        var elements = 50_000
    }

    struct Malformed: Error {}

    private var rest: Substring.UTF8View
    private var elements = 0
    private let limits: Limits

    private init(_ text: String, _ limits: Limits) {
        rest = text[...].utf8
        self.limits = limits
    }

    /// The root element of a document in UTF-8.
    static func root(of bytes: [UInt8], limits: Limits = Limits()) throws(Malformed) -> XMLElementNode {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw Malformed() }
        var reader = XMLDocument(text, limits)
        try reader.skipPreamble()
        guard reader.skip("<") else { throw Malformed() }
        return try reader.element(depth: 1)
    }

    // MARK: Elements

    /// Behind the `<` of a start tag; ends behind its end tag.
    private mutating func element(depth: Int) throws(Malformed) -> XMLElementNode {
        elements += 1
        guard depth <= limits.depth, elements <= limits.elements else { throw Malformed() }
        var tag = try take(until: ">")
        let isEmpty = tag.last == UInt8(ascii: "/")
        if isEmpty { tag = tag.dropLast() }
        let full = tag.prefix { !Self.isBlank($0) }
        guard let first = full.first, first != UInt8(ascii: "!"), first != UInt8(ascii: "?") else { throw Malformed() }
        var node = XMLElementNode(name: Self.localName(full))
        if !isEmpty { try content(of: &node, closing: full, depth) }
        return node
    }

    private mutating func content(
        of node: inout XMLElementNode,
        closing name: Substring.UTF8View,
        _ depth: Int
    ) throws(Malformed) {
        while true {
            node.text += try Self.unescape(try take(until: "<"))
            if skip("/") {
                let end = try take(until: ">")
                guard end.prefix(while: { !Self.isBlank($0) }).elementsEqual(name) else { throw Malformed() }
                return
            } else if skip("!--") {
                _ = try take(until: "-->")
            } else if skip("![CDATA[") {
                node.text += String(Substring(try take(until: "]]>")))
            } else if skip("?") {
                _ = try take(until: "?>")
            } else {
                node.children.append(try element(depth: depth + 1))
            }
        }
    }

    private mutating func skipPreamble() throws(Malformed) {
        _ = skip("\u{FEFF}")
        while true {
            rest = rest.drop { Self.isBlank($0) }
            if skip("<?") {
                _ = try take(until: "?>")
            } else if skip("<!--") {
                _ = try take(until: "-->")
            } else {
                return
            }
        }
    }

    // MARK: Text

    private mutating func skip(_ text: StaticString) -> Bool {
        let expected = unsafe UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        guard unsafe rest.starts(with: expected) else { return false }
        rest = rest.dropFirst(expected.count)
        return true
    }

    /// What stands before `mark`, which is skipped.
    private mutating func take(until mark: String) throws(Malformed) -> Substring.UTF8View {
        guard let first = mark.utf8.first else { return rest.prefix(0) }
        var start = rest.startIndex
        while let found = rest[start...].firstIndex(of: first) {
            if rest[found...].starts(with: mark.utf8) {
                defer { rest = rest[found...].dropFirst(mark.utf8.count) }
                return rest[..<found]
            }
            start = rest.index(after: found)
        }
        throw Malformed()
    }

    private static func unescape(_ raw: Substring.UTF8View) throws(Malformed) -> String {
        guard raw.contains(UInt8(ascii: "&")) else { return String(Substring(raw)) }
        var text = ""
        var rest = raw
        while let ampersand = rest.firstIndex(of: UInt8(ascii: "&")) {
            text += String(Substring(rest[..<ampersand]))
            guard let end = rest[ampersand...].prefix(12).firstIndex(of: UInt8(ascii: ";")) else { throw Malformed() }
            text.unicodeScalars.append(try entity(String(Substring(rest[ampersand..<end].dropFirst()))))
            rest = rest[end...].dropFirst()
        }
        return text + String(Substring(rest))
    }

    private static func entity(_ name: String) throws(Malformed) -> Unicode.Scalar {
        switch name {
        case "amp": return "&"
        case "lt": return "<"
        case "gt": return ">"
        case "quot": return "\""
        case "apos": return "'"
        default:
            let isHexadecimal = name.hasPrefix("#x")
            guard name.hasPrefix("#"),
                let number = UInt32(name.dropFirst(isHexadecimal ? 2 : 1), radix: isHexadecimal ? 16 : 10),
                let scalar = Unicode.Scalar(number)
            else { throw Malformed() }
            return scalar
        }
    }

    private static func localName(_ name: Substring.UTF8View) -> String {
        String(Substring(name)).split(separator: ":").last.map(String.init) ?? ""
    }

    private static func isBlank(_ byte: UInt8) -> Bool { [0x20, 0x09, 0x0A, 0x0D].contains(byte) }
}
