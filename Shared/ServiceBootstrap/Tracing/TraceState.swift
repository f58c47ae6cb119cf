/// The `tracestate` of W3C Trace Context: what other tracing systems tell each other, handed on as it came.
enum TraceState {
    /// What every system must hand on; we hand on no more.
    private static let longest = 512
    private static let mostMembers = 32
    private static let longestPart = 256

    /// `text` if it is a list that may be handed on, also in an HTTP header; otherwise `nil`.
    static func accepted(_ text: String) -> String? {
        let bytes = Array(text.utf8.prefix(longest + 1))
        guard !bytes.isEmpty, bytes.count <= longest else { return nil }
        let members = bytes.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: true)
        guard (1...mostMembers).contains(members.count), members.allSatisfy(isMember) else { return nil }
        return text
    }

    private static func isMember(_ member: ArraySlice<UInt8>) -> Bool {
        let member = member.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
        guard let equals = member.firstIndex(of: UInt8(ascii: "=")) else { return member.isEmpty }
        let (key, value) = (member[..<equals], member[member.index(after: equals)...])
        return (1...longestPart).contains(key.count) && (1...longestPart).contains(value.count)
            && key.allSatisfy(isKeyByte) && value.allSatisfy { (0x20...0x7E).contains($0) && $0 != UInt8(ascii: "=") }
    }

    private static func isKeyByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "*"), UInt8(ascii: "/"), UInt8(ascii: "@"): true
        default: false
        }
    }
}
