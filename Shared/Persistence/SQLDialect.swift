/// What SQLite and PostgreSQL spell differently.
package enum SQLDialect: String, Sendable, Hashable, CaseIterable {
    case sqlite
    case postgres

    /// Ends a `SELECT` of rows to work on, so that several workers do not wait for each other's.
    ///
    /// SQLite has one writer at a time and needs no such thing.
    package var skipLocked: String { self == .postgres ? " FOR UPDATE SKIP LOCKED" : "" }

    /// Ends a `SELECT` of rows that the same work goes on to change: whoever comes second waits.
    package var forUpdate: String { self == .postgres ? " FOR UPDATE" : "" }

    /// Milliseconds since 1970 by the database's clock, which all its clients share.
    package var milliseconds: String {
        switch self {
        case .sqlite: "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)"
        case .postgres: "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)"
        }
    }

    /// What goes before the creation of tables, so that programs that start at the same time do it one after the other.
    ///
    /// PostgreSQL's `CREATE TABLE IF NOT EXISTS` fails for one of two that find nothing. The number is ours alone.
    var migrationLock: String? { self == .postgres ? "SELECT pg_advisory_xact_lock(7238242117)" : nil }

    /// Ends `CREATE TABLE` where the primary key is the table: SQLite then keeps one tree and not two.
    package var clustered: String { self == .sqlite ? " WITHOUT ROWID" : "" }
}
