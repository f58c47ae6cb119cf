package import EventSchema

/// How claims about people are spelled, in tokens and in what backends say of them.
extension ObjectReader {
    /// A list that may be left out.
    package mutating func optionalStrings(_ key: String) throws(SchemaError) -> [String] {
        remaining[key] == nil || remaining[key] == .null ? [] : try strings(key)
    }

    /// Seconds since 1970, with a fraction or without (RFC 7519 section 2).
    package mutating func optionalNumericDate(_ key: String) throws(SchemaError) -> Timestamp? {
        guard let seconds = try optionalNumber(key) else { return nil }
        // The end of the year 9999, which is as far as RFC 3339 can spell.
        guard (0...253_402_300_799).contains(seconds) else { throw .invalid(path(of: key), "is no date") }
        return Timestamp(milliseconds: Int64(seconds * 1000))
    }
}

extension String {
    /// What of a text can be stored and shown, up to a number of bytes; `nil` if that is nothing.
    package func shown(maximum: Int) -> String? {
        var shown = String(String.UnicodeScalarView(unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7F }))
        while shown.utf8.count > maximum { shown.removeLast() }
        return shown.isEmpty ? nil : shown
    }
}
