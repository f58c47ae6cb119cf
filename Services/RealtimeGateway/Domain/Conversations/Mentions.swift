/// Finds whom a text names: `@user_123`, or `<@user_123>`.
enum Mentions {
    /// Users that one message can name; more are not looked for.
    static let maximumCount = 50

    static func find(in text: String) -> [String] {
        var found: [String] = []
        var rest = text.utf8[...]
        var isAtWordStart = true
        while let byte = rest.popFirst(), found.count < maximumCount {
            if byte == UInt8(ascii: "@"), isAtWordStart {
                let name = rest.prefix(while: isNamePart)
                rest = rest.dropFirst(name.count)
                add(name, to: &found)
                isAtWordStart = false
            } else {
                isAtWordStart = !isNamePart(byte)
            }
        }
        return found
    }

    private static func add(_ name: Substring.UTF8View.SubSequence, to found: inout [String]) {
        // A full stop behind a name ends the sentence.
        var name = Substring(name)
        while let last = name.last, last == "." || last == ":" || last == "-" { name.removeLast() }
        guard (1...255).contains(name.utf8.count), !found.contains(String(name)) else { return }
        found.append(String(name))
    }

    private static func isNamePart(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: ":"): true
        // Letters beyond ASCII do not begin a mention's word anew.
        case 0x80...: true
        default: false
        }
    }
}
