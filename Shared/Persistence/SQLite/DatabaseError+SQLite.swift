import GRDB

extension DatabaseError {
    /// What `error` means for our callers; an error that is none of SQLite's keeps its own words.
    init(sqlite error: any Error) {
        if let own = error as? DatabaseError {
            self = own
            return
        }
        guard let error = error as? GRDB.DatabaseError else {
            self.init(.unavailable, "\(error)")
            return
        }
        let message = "\(error.message ?? "unknown error") (SQLite \(error.extendedResultCode.rawValue))"
        self.init(Self.code(of: error.resultCode), message)
    }

    /// <https://www.sqlite.org/rescode.html>.
    private static func code(of result: ResultCode) -> Code {
        switch result {
        case .SQLITE_BUSY, .SQLITE_LOCKED: .locked
        case .SQLITE_FULL, .SQLITE_IOERR, .SQLITE_CANTOPEN, .SQLITE_NOMEM, .SQLITE_INTERRUPT: .unavailable
        case .SQLITE_CONSTRAINT: .constraint
        case .SQLITE_NOTADB, .SQLITE_CORRUPT, .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_AUTH: .refused
        default: .mismatch
        }
    }
}
