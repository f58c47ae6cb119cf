package import Logging

extension DatabaseURL {
    /// Opens the database that the address names.
    ///
    /// - Throws: ``DatabaseError`` that names it.
    package func open(logger: Logger) async throws(DatabaseError) -> any Database {
        switch self {
        case .sqlite(let path): try SQLiteDatabase(path: path, logger: logger)
        case .postgres(let url): try await PostgresDatabase.open(url, logger: logger)
        }
    }
}
