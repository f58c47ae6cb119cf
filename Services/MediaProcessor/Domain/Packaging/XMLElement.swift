/// An XML element in the making, attributes in the order given.
struct XMLElement {
    var name: String
    var attributes: [(name: String, value: String)] = []
    var children: [XMLElement] = []
    /// What stands between the tags of an element without children.
    var content: String?

    init(
        _ name: String,
        _ attributes: [(String, String?)] = [],
        _ children: [XMLElement] = [],
        text content: String? = nil
    ) {
        self.name = name
        self.attributes = attributes.compactMap { name, value in value.map { (name, $0) } }
        self.children = children
        self.content = content
    }

    /// The element and all in it, one per line.
    func text(indent: String = "") -> String {
        let opening = attributes.reduce("\(indent)<\(name)") { $0 + " \($1.name)=\"\($1.value.xmlEscaped)\"" }
        if let content { return "\(opening)>\(content.xmlEscaped)</\(name)>\n" }
        guard !children.isEmpty else { return "\(opening)/>\n" }
        let inside = children.map { $0.text(indent: indent + "  ") }.joined()
        return "\(opening)>\n\(inside)\(indent)</\(name)>\n"
    }
}

extension String {
    /// What XML 1.0 section 2.4 demands inside a quoted attribute; control characters that it forbids are dropped.
    fileprivate var xmlEscaped: String {
        var text = ""
        for scalar in unicodeScalars {
            switch scalar {
            case "&": text += "&amp;"
            case "<": text += "&lt;"
            case ">": text += "&gt;"
            case "\"": text += "&quot;"
            case "\t", "\n", "\r": text += "&#\(scalar.value);"
            case _ where scalar.value < 0x20: continue
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}
