import CPostgres

/// A connection with its prepared statements; belongs to one thread.
final class PostgresSession: SQLSession {
    /// Statements that are kept prepared; more than the suite has.
    static let statementCapacity = 256
    /// How long works that share a transaction wait for a lock, in milliseconds.
    ///
    /// Below PostgreSQL's `deadlock_timeout` of 1 s: two batches that took the same rows in another order part sooner.
    private static let impatience = 250

    let dialect = SQLDialect.postgres
    /// Whether the next transaction is for reading only.
    var isReadOnly = false
    private let link: PostgresLink
    private var statements = PostgresStatements(capacity: statementCapacity)

    /// Connects.
    ///
    /// - Throws: ``DatabaseError`` that names the server.
    init(_ address: PostgresAddress) throws(DatabaseError) {
        link = try PostgresLink(address)
        // What is committed is durable, also where the server is set up to forget.
        let settings = try run(
            """
            SELECT setting, CASE WHEN current_setting('synchronous_commit') = 'off'
                THEN set_config('synchronous_commit', 'on', false) END
            FROM pg_settings WHERE name = 'statement_timeout'
            """
        )
        // The server gives up first, and says so.
        let timeout = Int64(settings.text(0, 0)) ?? 0
        link.answerLimit = timeout > 0 ? .milliseconds(timeout) + .seconds(5) : nil
    }

    // MARK: Health

    var lost: DatabaseError? { link.lost }

    /// Notices whether the server has closed the connection, without asking it.
    func check() { link.check() }

    // MARK: Transactions

    func begin(isPatient: Bool) throws(DatabaseError) {
        if isReadOnly {
            try run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        } else if isPatient {
            try run("BEGIN ISOLATION LEVEL READ COMMITTED")
        } else {
            try run("BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL lock_timeout = \(Self.impatience)")
        }
    }

    func commit() throws(DatabaseError) {
        // Lost before it is sent is not lost on the way.
        link.check()
        if let lost { throw lost }
        let result: PostgresResult
        do throws(DatabaseError) {
            result = try run("COMMIT")
        } catch {
            guard let lost, !isReadOnly else { throw error }
            throw DatabaseError(.outcomeUnknown, "\(lost.message), while a commit was under way")
        }
        // The answer to COMMIT after an error; it is no error itself.
        guard result.tag == "COMMIT" else { throw DatabaseError(.mismatch, "the transaction had failed before") }
    }

    func rollback() {
        guard lost == nil else { return }
        do throws(DatabaseError) { try run("ROLLBACK") } catch { link.lose(error.message) }
    }

    /// Runs commands that have no arguments.
    @discardableResult
    private func run(_ commands: String) throws(DatabaseError) -> PostgresResult {
        try successful(try link.exchange { PQsendQuery($0, commands) })
    }

    private func successful(_ result: PostgresResult) throws(DatabaseError) -> PostgresResult {
        guard result.isFailure else { return result }
        throw DatabaseError(postgres: result.state ?? "?", result.message)
    }

    // MARK: Statements

    func query(_ sql: String, _ arguments: [SQLValue]) throws(DatabaseError) -> [SQLRow] {
        try perform(sql, arguments).rows()
    }

    func execute(_ sql: String, _ arguments: [SQLValue]) throws(DatabaseError) -> Int {
        try perform(sql, arguments).changes
    }

    private func perform(_ sql: String, _ arguments: [SQLValue]) throws(DatabaseError) -> PostgresResult {
        let known = statements.find(sql)
        let statement = if let known { known } else { try prepare(sql) }
        let arguments = try PostgresArguments(arguments, types: statement.parameterTypes)
        let result = try link.exchange { connection in
            arguments.withPointers { count, values, lengths, formats in
                PQsendQueryPrepared(connection, statement.name, count, values, lengths, formats, 1)
            }
        }
        if let state = result.state, isStale(state, wasKnown: known != nil) { throw link.lose(result.message) }
        return try successful(result)
    }

    /// Whether an error is the connection's rather than the statement's: another one would not have it.
    private func isStale(_ state: String, wasKnown: Bool) -> Bool {
        switch state {
        // The tables were altered since; or somebody between us and the server has forgotten what was prepared.
        case "0A000", "26000": wasKnown
        // The server became a standby.
        case "25006": !isReadOnly
        default: false
        }
    }

    private func prepare(_ sql: String) throws(DatabaseError) -> PostgresStatements.Statement {
        if let oldest = statements.makePlace() { try run("DEALLOCATE \(oldest.name)") }
        let name = statements.newName()
        _ = try successful(try link.exchange { PQsendPrepare($0, name, sql, 0, nil) })
        let description = try successful(try link.exchange { PQsendDescribePrepared($0, name) })
        let statement = PostgresStatements.Statement(name: name, parameterTypes: description.parameterTypes)
        statements.add(statement, for: sql)
        return statement
    }
}
