/// A value that goes into a statement or comes out of a row.
///
/// The same five kinds in both databases: `BIGINT`, `DOUBLE PRECISION`, `TEXT` and `BYTEA` columns. Truth values are
/// integers, times are milliseconds since 1970, UUIDs are blobs of 16 bytes.
package enum SQLValue: Sendable, Hashable {
    case null
    case integer(Int64)
    case real(Double)
    case text(String)
    case blob([UInt8])

    /// The kind in SQL's words, for error messages.
    var kind: String {
        switch self {
        case .null: "NULL"
        case .integer: "BIGINT"
        case .real: "DOUBLE PRECISION"
        case .text: "TEXT"
        case .blob: "BYTEA"
        }
    }
}

extension SQLValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByNilLiteral {
    package init(stringLiteral value: String) { self = .text(value) }
    package init(integerLiteral value: Int64) { self = .integer(value) }
    package init(nilLiteral: ()) { self = .null }
}
