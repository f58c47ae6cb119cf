import Foundation
import GRDB

/// A connection of GRDB's, for as long as GRDB lends it.
final class SQLiteSession: SQLSession {
    let dialect = SQLDialect.sqlite
    let lost: DatabaseError? = nil
    private let database: GRDB.Database

    init(_ database: GRDB.Database) {
        self.database = database
    }

    func query(_ sql: String, _ arguments: [SQLValue]) throws(DatabaseError) -> [SQLRow] {
        try translated {
            let statement = try prepare(sql, arguments)
            var rows: [SQLRow] = []
            let cursor = try Row.fetchCursor(statement)
            while let row = try cursor.next() { rows.append(SQLRow(row.databaseValues.map(SQLValue.init))) }
            return rows
        }
    }

    func execute(_ sql: String, _ arguments: [SQLValue]) throws(DatabaseError) -> Int {
        try translated {
            let statement = try prepare(sql, arguments)
            try statement.execute()
            return database.changesCount
        }
    }

    private func prepare(_ sql: String, _ arguments: [SQLValue]) throws -> Statement {
        let statement = try database.cachedStatement(sql: sql)
        try statement.setArguments(StatementArguments(arguments.map(\.databaseValue)))
        return statement
    }

    // MARK: Transactions

    func begin(isPatient: Bool) throws(DatabaseError) { try run("BEGIN IMMEDIATE TRANSACTION") }

    func commit() throws(DatabaseError) { try run("COMMIT TRANSACTION") }

    func rollback() {
        guard database.isInsideTransaction else { return }
        try? database.rollback()
    }

    private func run(_ sql: String) throws(DatabaseError) {
        try translated { try database.execute(sql: sql) }
    }

    private func translated<Value>(_ body: () throws -> Value) throws(DatabaseError) -> Value {
        do { return try body() } catch { throw DatabaseError(sqlite: error) }
    }
}

extension SQLValue {
    fileprivate var databaseValue: DatabaseValue {
        switch self {
        case .null: .null
        case .integer(let value): value.databaseValue
        case .real(let value): value.databaseValue
        case .text(let value): value.databaseValue
        case .blob(let bytes): Data(bytes).databaseValue
        }
    }

    fileprivate init(_ value: DatabaseValue) {
        self =
            switch value.storage {
            case .null: .null
            case .int64(let value): .integer(value)
            case .double(let value): .real(value)
            case .string(let value): .text(value)
            case .blob(let data): .blob(Array(data))
            }
    }
}
