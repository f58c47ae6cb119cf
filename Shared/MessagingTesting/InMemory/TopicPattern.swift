/// AMQP's patterns over routing keys: `*` is one word, `#` any number of words, none included.
struct TopicPattern: Sendable, Hashable {
    private let words: [Substring]

    init(_ pattern: String) {
        words = pattern.split(separator: ".", omittingEmptySubsequences: false)
    }

    func matches(_ key: String) -> Bool {
        Self.match(words[...], key.isEmpty ? [] : key.split(separator: ".", omittingEmptySubsequences: false)[...])
    }

    private static func match(_ pattern: ArraySlice<Substring>, _ key: ArraySlice<Substring>) -> Bool {
        guard let first = pattern.first else { return key.isEmpty }
        switch first {
        case "#": return match(pattern.dropFirst(), key) || (!key.isEmpty && match(pattern, key.dropFirst()))
        case "*": return !key.isEmpty && match(pattern.dropFirst(), key.dropFirst())
        default: return key.first == first && match(pattern.dropFirst(), key.dropFirst())
        }
    }
}
