/// A failure of the database or of a statement.
package struct DatabaseError: Error, Sendable, Hashable, CustomStringConvertible {
    @nonexhaustive package enum Code: String, Sendable {
        /// It cannot be reached now: no connection, file gone, disk full, too many callers. Nothing was written.
        case unavailable
        /// Another writer held it for too long. Nothing was written.
        case locked
        /// The connection broke while the commit was under way: it may or may not have been written.
        case outcomeUnknown = "outcome_unknown"
        /// A constraint does not hold: a key that is there already, a reference to nothing.
        case constraint
        /// The statement is wrong, or a column holds another type than was asked for: a mistake of ours.
        case mismatch
        /// The file or server is damaged or refuses us: not a database, no permission, wrong password.
        case refused
        /// A newer version has migrated it.
        case newerSchema = "newer_schema"
        /// The settings make no sense: an address that is neither SQLite nor PostgreSQL.
        case invalidConfiguration = "invalid_configuration"
        /// It has been closed.
        case closed
    }

    package let code: Code
    /// What, which, and the cause: `cannot open /var/lib/martlet/events.db: disk I/O error (10)`.
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }

    /// Whether the same work may succeed later as it is.
    package var isTransient: Bool {
        switch code {
        case .unavailable, .locked, .outcomeUnknown: true
        default: false
        }
    }
}
