/// An object of JSON members; the writer orders them by key, so equal objects are equal bytes.
package typealias JSONObject = [String: JSONValue]

/// Any JSON value, kept without loss.
///
/// Integers that fit 64 bits are numbers of ours; every other number keeps its literal text, so that a field nobody here
/// knows leaves the suite as it came.
package enum JSONValue: Sendable, Hashable {
    case null
    case bool(Bool)
    case integer(Int64)
    /// A number that is not a 64-bit integer, as its literal: `0.1`, `1e9`, `18446744073709551616`.
    case number(String)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)

    /// A floating-point number; JSON has no spelling for infinities and NaN, which become `null`.
    package static func double(_ value: Double) -> JSONValue {
        guard value.isFinite else { return .null }
        if let integer = Int64(exactly: value) { return .integer(integer) }
        return .number(value.description)
    }
}

// MARK: - Looking inside

extension JSONValue {
    package var stringValue: String? {
        if case .string(let value) = self { value } else { nil }
    }

    package var boolValue: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    package var objectValue: JSONObject? {
        if case .object(let value) = self { value } else { nil }
    }

    package var arrayValue: [JSONValue]? {
        if case .array(let value) = self { value } else { nil }
    }

    /// The value as an integer; `3.0` counts, for backends whose JSON library writes it so.
    package var integerValue: Int64? {
        switch self {
        case .integer(let value): value
        case .number(let literal): Double(literal).flatMap { Int64(exactly: $0) }
        default: nil
        }
    }

    package var doubleValue: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let literal): Double(literal)
        default: nil
        }
    }

    /// The member of an object; `nil` for anything else.
    package subscript(key: String) -> JSONValue? { objectValue?[key] }

    /// The kind in JSON Schema's words, for error messages.
    package var kind: String {
        switch self {
        case .null: "null"
        case .bool: "boolean"
        case .integer: "integer"
        case .number: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }
}

// MARK: - Literals

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral {
    package init(stringLiteral value: String) { self = .string(value) }
    package init(integerLiteral value: Int64) { self = .integer(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
}

extension JSONValue: ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral {
    package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(JSONObject(elements) { _, last in last })
    }
    package init(nilLiteral: ()) { self = .null }
}
