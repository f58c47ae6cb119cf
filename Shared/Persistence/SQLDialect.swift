/// What SQLite and PostgreSQL spell differently.
package enum SQLDialect: String, Sendable, Hashable, CaseIterable {
    case sqlite
    case postgres

    /// Ends a `SELECT` of rows to work on, so that several workers do not wait for each other's.
    ///
    /// SQLite has one writer at a time and needs no such thing.
    package var skipLocked: String { self == .postgres ? " FOR UPDATE SKIP LOCKED" : "" }

    /// Ends `CREATE TABLE` where the primary key is the table: SQLite then keeps one tree and not two.
    package var clustered: String { self == .sqlite ? " WITHOUT ROWID" : "" }
}
