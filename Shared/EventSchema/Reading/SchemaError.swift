/// An event that does not match its schema.
package struct SchemaError: Error, Hashable, CustomStringConvertible {
    /// What kind of mistake it is; stable, for metrics and tests.
    @nonexhaustive package enum Code: String, Sendable {
        /// The text is not JSON.
        case notJSON = "not_json"
        /// A field has the wrong type, is missing, or holds what it may not hold.
        case invalidField = "invalid_field"
        /// The envelope is fine, but nobody here knows its `event_type`.
        case unknownEventType = "unknown_event_type"
        /// It is no event in a form that we read: serialized PHP, a compressed body, a CloudEvent of another version.
        case unsupportedFormat = "unsupported_format"
    }

    package let code: Code
    /// What, which, and where: `payload.file_size: expected integer, got string`.
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }

    package static func mismatch(_ path: String, expected: String, got value: JSONValue) -> SchemaError {
        SchemaError(.invalidField, "\(path): expected \(expected), got \(value.kind)")
    }

    package static func missing(_ path: String, expected: String) -> SchemaError {
        SchemaError(.invalidField, "\(path): expected \(expected), but it is missing")
    }

    package static func invalid(_ path: String, _ problem: String) -> SchemaError {
        SchemaError(.invalidField, "\(path): \(problem)")
    }
}
