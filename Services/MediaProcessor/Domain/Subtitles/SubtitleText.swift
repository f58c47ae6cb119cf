/// Turns a line of Advanced SubStation Alpha, which libavcodec makes of all subtitles, into the text of a WebVTT cue.
///
/// Of all markup only bold, italics and underlining are kept. Everything else that the text says is shown as it stands: `<`, `>` and
/// `&` are escaped, so that neither a tag nor `-->` can come from it; there are no blank lines, which would end a cue.
package struct SubtitleText {
    /// Characters and lines of one cue: what is more is no subtitle.
    private static let longest = 1000
    private static let mostLines = 12

    private var lines: [String] = []
    private var line = ""
    private var isBlank = true
    private var length = 0
    private var wanted: Set<Style> = []
    private var open: [Style] = []
    /// Within drawing commands, which are no words.
    private var isDrawing = false

    private enum Style: String, CaseIterable {
        case b, i, u
    }

    /// - Parameters:
    ///   - line: The last field of an event.
    ///   - hidesBraces: Whether braces hold what is not to be seen, as in scripts that were written in this format.
    package static func cueText(of line: String, hidesBraces: Bool) -> String {
        var text = Self()
        text.read(line, hidesBraces)
        return text.finish()
    }

    // MARK: Reading

    private mutating func read(_ source: String, _ hidesBraces: Bool) {
        var rest = source.unicodeScalars[...]
        while let scalar = rest.popFirst(), length < Self.longest, lines.count < Self.mostLines {
            switch scalar {
            case "\\": readEscape(&rest)
            case "{" where hidesBraces || rest.first == "\\": readOverride(&rest)
            case "\n", "\r": endLine()
            default: put(scalar)
            }
        }
    }

    private mutating func readEscape(_ rest: inout Substring.UnicodeScalarView) {
        switch rest.first {
        case "N", "n": endLine()
        case "h": put(" ")
        case "{", "}", "\\": put(rest.first ?? "\\")
        default: return put("\\")
        }
        rest.removeFirst()
    }

    /// `{\b1\i0\pos(4,4)}`: to the closing brace, or the end of the line.
    private mutating func readOverride(_ rest: inout Substring.UnicodeScalarView) {
        let content = rest.prefix { $0 != "}" }
        rest = rest.dropFirst(content.count + 1)
        for tag in String(content).split(separator: "\\") {
            switch tag {
            case "b0", "i0", "u0": Style(rawValue: String(tag.prefix(1))).map { _ = wanted.remove($0) }
            case "b1", "i1", "u1": Style(rawValue: String(tag.prefix(1))).map { _ = wanted.insert($0) }
            case "p0": isDrawing = false
            case _ where tag.first == "r": wanted = []
            case _ where tag.first == "p" && tag.dropFirst().allSatisfy(\.isNumber) && tag.count > 1: isDrawing = true
            // A weight: 400 is normal, 700 bold.
            case _ where tag.first == "b": setWeight(Int(tag.dropFirst()))
            default: continue
            }
        }
    }

    /// 400 is normal, 700 bold.
    private mutating func setWeight(_ weight: Int?) {
        guard let weight else { return }
        if weight > 500 { wanted.insert(.b) } else { wanted.remove(.b) }
    }

    // MARK: Writing

    private mutating func put(_ scalar: Unicode.Scalar) {
        guard !isDrawing, scalar.value >= 0x20, !(0x7F...0x9F).contains(scalar.value) else { return }
        length += 1
        let isSpace = scalar.properties.isWhitespace
        if isSpace, isBlank { return }
        if isSpace {
            if !wanted.isSuperset(of: open) { closeStyles() }
        } else {
            isBlank = false
            applyStyles()
        }
        switch scalar {
        case "&": line += "&amp;"
        case "<": line += "&lt;"
        case ">": line += "&gt;"
        default: line.unicodeScalars.append(scalar)
        }
    }

    private mutating func applyStyles() {
        guard Set(open) != wanted else { return }
        closeStyles()
        for style in Style.allCases where wanted.contains(style) {
            line += "<\(style.rawValue)>"
            open.append(style)
        }
    }

    private mutating func closeStyles() {
        for style in open.reversed() { line += "</\(style.rawValue)>" }
        open = []
    }

    private mutating func endLine() {
        closeStyles()
        while line.last?.isWhitespace == true { line.removeLast() }
        if !isBlank { lines.append(line) }
        line = ""
        isBlank = true
    }

    private mutating func finish() -> String {
        endLine()
        return lines.joined(separator: "\n")
    }
}
