extension ObjectReader {
    /// One of a few words.
    package mutating func word(_ key: String, of words: [String]) throws(SchemaError) -> String {
        try checkedWord(try string(key), key, words)
    }

    package mutating func optionalWord(_ key: String, of words: [String]) throws(SchemaError) -> String? {
        guard let text = try optionalString(key) else { return nil }
        return try checkedWord(text, key, words)
    }

    private func checkedWord(_ text: String, _ key: String, _ words: [String]) throws(SchemaError) -> String {
        guard words.contains(text) else {
            throw .invalid(
                path(of: key),
                "expected one of \(words.joined(separator: ", ")), got \"\(text.prefix(64))\""
            )
        }
        return text
    }

    /// Text for people, of at most `maximum` bytes, without U+0000, which PostgreSQL cannot store.
    package mutating func optionalText(_ key: String, maximum: Int) throws(SchemaError) -> String? {
        guard let text = try optionalString(key) else { return nil }
        guard text.utf8.count <= maximum else {
            throw .invalid(path(of: key), "expected at most \(maximum) bytes, got \(text.utf8.count)")
        }
        guard !text.utf8.contains(0) else { throw .invalid(path(of: key), "may not hold U+0000") }
        return text
    }

    /// A list of ``identifier(_:)``s, each kept once.
    package mutating func optionalIdentifiers(_ key: String, maximum: Int) throws(SchemaError) -> [String]? {
        guard remaining[key] != nil, remaining[key] != .null else { return nil }
        let texts = try strings(key)
        guard texts.count <= maximum else {
            throw .invalid(path(of: key), "expected at most \(maximum) elements, got \(texts.count)")
        }
        var known: Set<String> = []
        var identifiers: [String] = []
        for (index, text) in texts.enumerated() where known.insert(text).inserted {
            identifiers.append(try checkedIdentifier(text, "\(key)[\(index)]"))
        }
        return identifiers
    }
}
