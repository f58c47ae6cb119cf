/// The name of an object: segments of `A-Z a-z 0-9 . _ -` joined by slashes, none of them `.` or `..`.
///
/// Being one is a proof: a key can be appended to a folder or a URL as it is.
package struct ObjectKey: Sendable, Hashable, CustomStringConvertible {
    package let description: String

    /// Checks `text`; `nil` if it is no key.
    ///
    /// At most 512 bytes.
    package init?(_ text: String) {
        guard (1...512).contains(text.utf8.count) else { return nil }
        for segment in text.split(separator: "/", omittingEmptySubsequences: false) {
            guard !segment.isEmpty, segment != ".", segment != "..", segment.utf8.allSatisfy(\.isKeyCharacter) else {
                return nil
            }
        }
        description = text
    }
}

extension UInt8 {
    fileprivate var isKeyCharacter: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
