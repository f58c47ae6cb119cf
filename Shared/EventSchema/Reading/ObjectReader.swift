package import Foundation

/// Takes the fields of a JSON object one by one, and names the path of the first that is wrong.
///
/// What is not asked for stays in ``remaining``, so that fields of a newer schema survive the journey. An optional field
/// that is `null` counts as absent and stays there too.
package struct ObjectReader {
    /// The fields nobody has asked for.
    package private(set) var remaining: JSONObject
    private let path: String

    /// Reads `value`, which must be an object; `path` is where it stands, empty for the root.
    package init(_ value: JSONValue, at path: String) throws(SchemaError) {
        guard case .object(let members) = value else {
            throw .mismatch(path.isEmpty ? "envelope" : path, expected: "object", got: value)
        }
        remaining = members
        self.path = path
    }

    /// The path of a field, for a caller's own messages.
    package func path(of key: String) -> String {
        path.isEmpty ? key : "\(path).\(key)"
    }

    // MARK: Any type

    /// Takes a field as it is.
    package mutating func optional(_ key: String) -> JSONValue? {
        guard let value = remaining[key], value != .null else { return nil }
        remaining[key] = nil
        return value
    }

    private mutating func optional<T>(
        _ key: String,
        _ expected: String,
        _ convert: (JSONValue) -> T?
    ) throws(SchemaError) -> T? {
        guard let value = optional(key) else { return nil }
        guard let converted = convert(value) else { throw .mismatch(path(of: key), expected: expected, got: value) }
        return converted
    }

    private mutating func required<T>(
        _ key: String,
        _ expected: String,
        _ convert: (JSONValue) -> T?
    ) throws(SchemaError) -> T {
        if let value = try optional(key, expected, convert) { return value }
        if let null = remaining[key] { throw .mismatch(path(of: key), expected: expected, got: null) }
        throw .missing(path(of: key), expected: expected)
    }

    // MARK: Strings

    package mutating func string(_ key: String) throws(SchemaError) -> String {
        try required(key, "string") { $0.stringValue }
    }

    package mutating func optionalString(_ key: String) throws(SchemaError) -> String? {
        try optional(key, "string") { $0.stringValue }
    }

    /// An identifier that others chose: 1 to 255 characters, no control characters, no surrounding blanks.
    package mutating func identifier(_ key: String) throws(SchemaError) -> String {
        try checkedIdentifier(try string(key), key)
    }

    package mutating func optionalIdentifier(_ key: String) throws(SchemaError) -> String? {
        guard let text = try optionalString(key) else { return nil }
        return try checkedIdentifier(text, key)
    }

    func checkedIdentifier(_ text: String, _ key: String) throws(SchemaError) -> String {
        guard !text.isEmpty, text.utf8.count <= 255 else {
            throw .invalid(path(of: key), "expected 1 to 255 bytes, got \(text.utf8.count)")
        }
        guard text.unicodeScalars.allSatisfy({ $0.value > 0x20 && $0.value != 0x7F }) else {
            throw .invalid(path(of: key), "may not hold blanks or control characters")
        }
        guard text.isIdentifier else {
            throw .invalid(path(of: key), "is not spelled in Unicode's normal form C")
        }
        return text
    }

    package mutating func strings(_ key: String) throws(SchemaError) -> [String] {
        let elements = try required(key, "array of strings") { $0.arrayValue }
        var strings: [String] = []
        for (index, element) in elements.enumerated() {
            guard let string = element.stringValue else {
                throw .mismatch("\(path(of: key))[\(index)]", expected: "string", got: element)
            }
            strings.append(string)
        }
        return strings
    }

    // MARK: UUIDs and times

    package mutating func uuid(_ key: String) throws(SchemaError) -> UUID {
        let text = try string(key)
        guard let uuid = UUID(uuidString: text) else {
            throw .invalid(path(of: key), "expected a UUID, got \"\(text.prefix(64))\"")
        }
        return uuid
    }

    package mutating func timestamp(_ key: String) throws(SchemaError) -> Timestamp {
        let text = try string(key)
        guard let timestamp = Timestamp(text) else {
            throw .invalid(path(of: key), "expected an RFC 3339 time, got \"\(text.prefix(64))\"")
        }
        return timestamp
    }

    // MARK: Numbers and booleans

    package mutating func integer(_ key: String) throws(SchemaError) -> Int64 {
        try required(key, "integer") { $0.integerValue }
    }

    package mutating func optionalInteger(_ key: String) throws(SchemaError) -> Int64? {
        try optional(key, "integer") { $0.integerValue }
    }

    package mutating func number(_ key: String) throws(SchemaError) -> Double {
        try required(key, "number") { $0.doubleValue }
    }

    package mutating func optionalNumber(_ key: String) throws(SchemaError) -> Double? {
        try optional(key, "number") { $0.doubleValue }
    }

    package mutating func bool(_ key: String) throws(SchemaError) -> Bool {
        try required(key, "boolean") { $0.boolValue }
    }

    package mutating func optionalBool(_ key: String) throws(SchemaError) -> Bool? {
        try optional(key, "boolean") { $0.boolValue }
    }

    // MARK: Objects

    package mutating func object(_ key: String) throws(SchemaError) -> JSONObject {
        try required(key, "object") { $0.objectValue }
    }

    /// An object that may be left out.
    ///
    /// PHP writes an empty array for an empty map, which counts as one.
    package mutating func optionalObject(_ key: String) throws(SchemaError) -> JSONObject? {
        try optional(key, "object") { $0 == .array([]) ? [:] : $0.objectValue }
    }

    /// A reader for the object in a field.
    package mutating func reader(_ key: String) throws(SchemaError) -> ObjectReader {
        try ObjectReader(.object(try object(key)), at: path(of: key))
    }
}
