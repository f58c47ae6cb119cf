import CPostgres

/// What the server answered to one command.
final class PostgresResult {
    private let handle: OpaquePointer

    init(_ handle: OpaquePointer) { self.handle = handle }

    deinit { PQclear(handle) }

    // MARK: Outcome

    var isCopy: Bool {
        [PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH].contains(PQresultStatus(handle))
    }

    var isFailure: Bool {
        [PGRES_FATAL_ERROR, PGRES_BAD_RESPONSE].contains(PQresultStatus(handle))
    }

    /// The five characters of an error of the server's; `nil` if it is none, or one of libpq's own.
    var state: String? { Self.field(.state, of: handle) }

    var message: String {
        Self.field(.message, of: handle) ?? PostgresLink.words(of: PQresultErrorMessage(handle))
    }

    /// What the server says of the command: `COMMIT`, `INSERT 0 1`.
    var tag: String { String(cString: PQcmdStatus(handle)) }

    /// How many rows were changed.
    var changes: Int { Int(String(cString: PQcmdTuples(handle))) ?? 0 }

    /// `PG_DIAG_...` of postgres_ext.h, which are characters there.
    enum Field: UnicodeScalar {
        case severity = "V"
        case state = "C"
        case message = "M"
    }

    static func field(_ field: Field, of handle: OpaquePointer) -> String? {
        PQresultErrorField(handle, Int32(field.rawValue.value)).map { String(cString: $0) }
    }

    // MARK: Description

    var parameterTypes: [PostgresType] {
        (0..<PQnparams(handle)).map { PostgresType(rawValue: PQparamtype(handle, $0)) }
    }

    // MARK: Rows

    /// - Throws: ``DatabaseError`` with `mismatch` that names a column whose type is none of ours.
    func rows() throws(DatabaseError) -> [SQLRow] {
        let types = (0..<PQnfields(handle)).map { PostgresType(rawValue: PQftype(handle, $0)) }
        var rows: [SQLRow] = []
        rows.reserveCapacity(Int(PQntuples(handle)))
        for row in 0..<PQntuples(handle) {
            var values: [SQLValue] = []
            values.reserveCapacity(types.count)
            for column in types.indices { values.append(try value(row, column, types[column])) }
            rows.append(SQLRow(values))
        }
        return rows
    }

    private func value(_ row: Int32, _ column: Int, _ type: PostgresType) throws(DatabaseError) -> SQLValue {
        guard PQgetisnull(handle, row, Int32(column)) == 0 else { return .null }
        let start = PQgetvalue(handle, row, Int32(column))
        let bytes = UnsafeRawBufferPointer(start: start, count: Int(PQgetlength(handle, row, Int32(column))))
        guard let value = type.decode(bytes) else {
            throw DatabaseError(
                .mismatch,
                "column \(column) holds \(type.name), expected BIGINT, DOUBLE PRECISION, TEXT or BYTEA"
            )
        }
        return value
    }

    /// The text at a place, of a query that was asked in text.
    func text(_ row: Int32, _ column: Int32) -> String {
        PQntuples(handle) > row && PQnfields(handle) > column ? String(cString: PQgetvalue(handle, row, column)) : ""
    }
}
