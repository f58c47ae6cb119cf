package import Foundation

extension SQLValue {
    package static func uuid(_ value: UUID) -> SQLValue {
        let bytes = value.uuid
        return .blob([
            bytes.0, bytes.1, bytes.2, bytes.3, bytes.4, bytes.5, bytes.6, bytes.7,
            bytes.8, bytes.9, bytes.10, bytes.11, bytes.12, bytes.13, bytes.14, bytes.15,
        ])
    }

    package static func bool(_ value: Bool) -> SQLValue { .integer(value ? 1 : 0) }

    package static func int(_ value: Int) -> SQLValue { .integer(Int64(value)) }

    package static func optional(_ value: String?) -> SQLValue { value.map(SQLValue.text) ?? .null }

    package static func optional(_ value: Int64?) -> SQLValue { value.map(SQLValue.integer) ?? .null }
}
