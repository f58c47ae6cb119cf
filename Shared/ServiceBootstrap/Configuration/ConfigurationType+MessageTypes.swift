extension ConfigurationType<[String: String]> {
    /// What backends call their messages, with the event type of each: `App\Message\Upload=media.uploaded,...`.
    ///
    /// The empty text is the empty map.
    package static var messageTypes: Self {
        Self(
            name: "map",
            expectation: "pairs CLASS=event.type between commas, each class once",
            read: { parse($0) },
            write: { types in types.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ",") }
        )
    }

    private static func parse(_ text: String) -> [String: String]? {
        var types: [String: String] = [:]
        for pair in text.split(separator: ",").map(trimmed) where !pair.isEmpty {
            guard let equals = pair.lastIndex(of: "=") else { return nil }
            let name = trimmed(pair[..<equals])
            let type = trimmed(pair[pair.index(after: equals)...])
            guard isName(name), isEventType(type), types.updateValue(String(type), forKey: String(name)) == nil else {
                return nil
            }
        }
        return types
    }

    private static func trimmed(_ text: Substring) -> Substring {
        let start = text.drop { $0.isWhitespace }
        return start.prefix(start.reversed().drop { $0.isWhitespace }.count)
    }

    private static func isName(_ name: Substring) -> Bool {
        !name.isEmpty && name.utf8.count <= 255 && name.allSatisfy { !$0.isWhitespace && $0 != "=" }
    }

    /// Words of lower-case letters, digits and `_` between dots, as in routing keys.
    private static func isEventType(_ type: Substring) -> Bool {
        type.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { word in
            !word.isEmpty
                && word.utf8.allSatisfy { byte in
                    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || byte == UInt8(ascii: "_")
                        || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                }
        }
    }
}
