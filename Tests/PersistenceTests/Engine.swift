import Logging
import Persistence
import PersistenceTesting
import Testing

/// The databases that tests run on.
enum Engine: String, CaseIterable, CustomTestStringConvertible {
    case sqlite
    case postgres

    var testDescription: String { rawValue }

    /// Opens a new, empty database.
    func open() async throws -> any Database {
        switch self {
        case .sqlite: try SQLiteDatabase(path: TestFiles.newPath(), logger: .silent)
        case .postgres: try await PostgresDatabase.open(PrivatePostgres.shared().makeDatabase(), logger: .silent)
        }
    }
}

extension Logger {
    /// What databases that are broken on purpose complain of is no news.
    static var silent: Logger {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        return logger
    }
}
