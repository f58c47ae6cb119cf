package import Foundation

/// One row of a result; columns count from 0, in the order of the query.
package struct SQLRow: Sendable, Hashable {
    package let values: [SQLValue]

    package init(_ values: [SQLValue]) {
        self.values = values
    }

    package func isNull(_ column: Int) -> Bool { values[column] == .null }

    /// - Throws: ``DatabaseError`` with `mismatch` if the column holds something else; so for the others.
    package func integer(_ column: Int) throws(DatabaseError) -> Int64 {
        guard case .integer(let value) = values[column] else { throw mismatch(column, "BIGINT") }
        return value
    }

    package func int(_ column: Int) throws(DatabaseError) -> Int { Int(try integer(column)) }

    package func bool(_ column: Int) throws(DatabaseError) -> Bool { try integer(column) != 0 }

    package func real(_ column: Int) throws(DatabaseError) -> Double {
        switch values[column] {
        case .real(let value): return value
        // SQLite gives a whole number back as an integer where an expression made it.
        case .integer(let value): return Double(value)
        default: throw mismatch(column, "DOUBLE PRECISION")
        }
    }

    package func text(_ column: Int) throws(DatabaseError) -> String {
        guard case .text(let value) = values[column] else { throw mismatch(column, "TEXT") }
        return value
    }

    package func blob(_ column: Int) throws(DatabaseError) -> [UInt8] {
        guard case .blob(let value) = values[column] else { throw mismatch(column, "BYTEA") }
        return value
    }

    package func uuid(_ column: Int) throws(DatabaseError) -> UUID {
        let bytes = try blob(column)
        guard bytes.count == 16 else { throw mismatch(column, "BYTEA of 16 bytes") }
        return UUID(
            uuid: (
                bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5], bytes[6], bytes[7],
                bytes[8], bytes[9], bytes[10], bytes[11], bytes[12], bytes[13], bytes[14], bytes[15]
            )
        )
    }

    package func optionalInteger(_ column: Int) throws(DatabaseError) -> Int64? {
        isNull(column) ? nil : try integer(column)
    }

    package func optionalText(_ column: Int) throws(DatabaseError) -> String? {
        isNull(column) ? nil : try text(column)
    }

    private func mismatch(_ column: Int, _ expected: String) -> DatabaseError {
        DatabaseError(.mismatch, "column \(column) holds \(values[column].kind), expected \(expected)")
    }
}
