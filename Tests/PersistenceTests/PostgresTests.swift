import Foundation
import Persistence
import PersistenceTesting
import Testing

/// What is PostgreSQL's own: its types, its locks, its connections.
@Suite(.timeLimit(.minutes(2))) struct PostgresTests {
    private func open(
        connections: Int = 4,
        parameters: String = ""
    ) async throws -> PostgresDatabase {
        let url = try await PrivatePostgres.shared().makeDatabase()
        return try await PostgresDatabase.open(url + parameters, connections: connections, logger: .silent)
    }

    // MARK: Values

    @Test func `a column's type decides how a value is sent`() async throws {
        let database = try await open()
        let rows = try await database.write { transaction in
            try transaction.execute(
                """
                CREATE TABLE t (small SMALLINT, middle INTEGER, yes BOOLEAN, half REAL, whole DOUBLE PRECISION,
                    amount NUMERIC, letters VARCHAR(10), padded CHAR(3))
                """
            )
            try transaction.execute(
                "INSERT INTO t VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                [-7, 70_000, 1, .real(0.5), 3, .real(2.5), "größe", "ab"]
            )
            return try transaction.query("SELECT * FROM t")
        }
        #expect(rows.map(\.values) == [[-7, 70_000, 1, .real(0.5), .real(3), .real(2.5), "größe", "ab "]])
    }

    @Test(arguments: [
        ("0", SQLValue.integer(0)), ("10000", 10_000), ("120000000", 120_000_000), ("-1", -1),
        ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
        ("9223372036854775808", .real(9_223_372_036_854_775_808)), ("0.0", .real(0)), ("-12.5", .real(-12.5)),
        ("0.00015", .real(0.00015)), ("123456.789", .real(123_456.789)), ("1e300", .real(1e300)),
        ("'Infinity'::numeric", .real(.infinity)),
    ])
    func `a decimal number is an integer where it is one`(number: String, value: SQLValue) async throws {
        let database = try await Self.shared.value
        #expect(try await database.read { try $0.query("SELECT CAST(\(number) AS numeric)")[0].values } == [value])
    }

    private static let shared = Task { try await PostgresTests().open() }

    @Test(arguments: [
        ("SELECT CAST($1 AS bigint) + CAST($2 AS bigint)", [1, "2"] as [SQLValue], "$2 is BIGINT, TEXT"),
        ("SELECT CAST($1 AS smallint)", [32_768], "$1 is SMALLINT, BIGINT"),
        ("SELECT CAST($1 AS bigint)", [.real(0.5)], "$1 is BIGINT, DOUBLE PRECISION"),
        ("SELECT CAST($1 AS bytea)", ["x"], "$1 is BYTEA, TEXT"),
        ("SELECT CAST($1 AS timestamptz)", [0], "$1 is TIMESTAMPTZ, BIGINT"),
        ("SELECT 1, now()", [], "column 1 holds TIMESTAMPTZ"),
        ("SELECT CAST($1 AS bigint)", [1, 2], "has 1 arguments, 2 were given"),
        ("SELECT CAST($1 AS text)", ["a\0b"], "invalid byte sequence"),
        ("SELECT 1; SELECT 2", [], "multiple commands"),
        ("SELECT * FROM nowhere", [], "\"nowhere\" does not exist"),
    ])
    func `what does not fit is refused with type and place`(
        statement: String,
        arguments: [SQLValue],
        words: String
    ) async throws {
        let database = try await Self.shared.value
        let error = await #expect(throws: DatabaseError.self) {
            try await database.read { _ = try $0.query(statement, arguments) }
        }
        #expect(error?.code == .mismatch)
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "no error")")
    }

    // MARK: Statements

    @Test func `prepared statements are bounded and go on working`() async throws {
        let database = try await open(connections: 1)
        for _ in 0..<2 {
            let sum = try await database.write { transaction in
                try (0..<400).map { try transaction.query("SELECT \($0) + CAST($1 AS bigint)", [1])[0].int(0) }
                    .reduce(0, +)
            }
            #expect(sum == 80_200)
        }
        let kept = try await database.read { try $0.query("SELECT count(*) FROM pg_prepared_statements")[0].int(0) }
        #expect(kept == 256)
    }

    @Test func `a statement that a migration has changed is prepared anew`() async throws {
        let database = try await open(connections: 1)
        try await database.write { try $0.execute("CREATE TABLE t (id BIGINT)") }
        let before = try await database.read { try $0.query("SELECT * FROM t") }
        try await database.write { transaction in
            try transaction.execute("INSERT INTO t VALUES (1)")
            try transaction.execute("ALTER TABLE t ADD COLUMN label TEXT DEFAULT 'x'")
        }
        let after = try await database.read { try $0.query("SELECT * FROM t") }
        #expect(before.isEmpty)
        #expect(after.map(\.values) == [[1, "x"]])
    }

    // MARK: Settings

    @Test func `a session is bounded unless the address says otherwise`() async throws {
        let query = """
            SELECT current_setting('statement_timeout'), current_setting('lock_timeout'),
                current_setting('application_name'), current_setting('synchronous_commit')
            """
        let ours = try await open().read { try $0.query(query)[0].values }
        #expect(ours == ["15s", "2s", "martlet", "on"])
        let parameters = "?application_name=x&options=-c%20lock_timeout%3D3s%20-c%20synchronous_commit%3Doff"
        let theirs = try await open(parameters: parameters).read { try $0.query(query)[0].values }
        #expect(theirs == ["15s", "3s", "x", "on"])
    }

    @Test func `a statement that takes too long is ended`() async throws {
        // Long enough for what a session says first, on a machine that is busy.
        let database = try await open(parameters: "?options=-c%20statement_timeout%3D1000")
        let error = await #expect(throws: DatabaseError.self) {
            try await database.write { _ = try $0.query("SELECT pg_sleep(60)") }
        }
        #expect(error?.code == .unavailable)
        #expect(try await database.read { try $0.query("SELECT 1")[0].int(0) } == 1)
    }

    // MARK: Transactions

    @Test func `works that wait at the same time share a transaction`() async throws {
        let database = try await open(connections: 1)
        let transactions = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<100 {
                group.addTask {
                    try await database.write { try $0.query("SELECT CAST(txid_current() AS bigint)")[0].int(0) }
                }
            }
            return try await group.reduce(into: Set<Int>()) { $0.insert($1) }
        }
        #expect(transactions.count < 50)
    }

    @Test func `a read sees one state and changes nothing`() async throws {
        let database = try await open()
        try await database.write { try $0.execute("CREATE TABLE t (id BIGINT)") }
        let hasRead = Signal()
        let hasWritten = Signal()
        async let counts = database.read { transaction in
            let before = try transaction.query("SELECT count(*) FROM t")[0].int(0)
            hasRead.give()
            hasWritten.block()
            return [before, try transaction.query("SELECT count(*) FROM t")[0].int(0)]
        }
        await hasRead.come()
        try await database.write { try $0.execute("INSERT INTO t VALUES (1)") }
        hasWritten.give()
        #expect(try await counts == [0, 0])
        let error = await #expect(throws: DatabaseError.self) {
            try await database.read { _ = try $0.execute("INSERT INTO t VALUES (2)") }
        }
        #expect(error?.message.contains("read-only") == true)
    }

    @Test func `a table that somebody holds is told as locked`() async throws {
        let database = try await open(parameters: "?options=-c%20lock_timeout%3D100")
        try await database.write { try $0.execute("CREATE TABLE t (id BIGINT)") }
        let isLocked = Signal()
        let isDone = Signal()
        async let holder: Void = database.write { transaction in
            try transaction.execute("LOCK TABLE t")
            isLocked.give()
            isDone.block()
        }
        await isLocked.come()
        let error = await #expect(throws: DatabaseError.self) {
            try await database.write { _ = try $0.execute("INSERT INTO t VALUES (1)") }
        }
        #expect(error?.code == .locked)
        isDone.give()
        try await holder
        try await database.write { try $0.execute("INSERT INTO t VALUES (1)") }
    }

    @Test func `works that wait for each other both get through`() async throws {
        let database = try await open()
        try await database.write { transaction in
            try transaction.execute("CREATE TABLE t (id BIGINT, value BIGINT)")
            try transaction.execute("INSERT INTO t VALUES (1, 0), (2, 0)")
        }
        let update = "UPDATE t SET value = value + 1 WHERE id = $1"
        let firstHolds = Signal()
        let secondHolds = Signal()
        async let first: Void = database.write { transaction in
            try transaction.execute(update, [1])
            firstHolds.give()
            secondHolds.block()
            try transaction.execute(update, [2])
        }
        await firstHolds.come()
        async let second: Void = database.write { transaction in
            try transaction.execute(update, [2])
            secondHolds.give()
            try transaction.execute(update, [1])
        }
        _ = try await (first, second)
        let values = try await database.read { try $0.query("SELECT value FROM t").map { row in try row.int(0) } }
        #expect(values == [2, 2])
    }

    @Test func `programs that start at the same time make the tables once`() async throws {
        for round in 0..<5 {
            let url = try await PrivatePostgres.shared().makeDatabase()
            let component = SchemaComponent("c\(round)", [Migration(1) { _ in ["CREATE TABLE c (id BIGINT)"] }])
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<8 {
                    let database = try await PostgresDatabase.open(url, connections: 1, logger: .silent)
                    group.addTask { try await database.migrate([component]) }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test func `what was said to be written at the end is there`() async throws {
        let url = try await PrivatePostgres.shared().makeDatabase()
        let database = try await PostgresDatabase.open(url, logger: .silent)
        try await database.write { try $0.execute("CREATE TABLE t (id BIGINT)") }
        let running = Task { try await database.run() }
        let written = await withTaskGroup(of: Int.self) { group in
            for id in 0..<500 {
                group.addTask {
                    do {
                        try await database.write { _ = try $0.execute("INSERT INTO t VALUES ($1)", [.int(id)]) }
                        return 1
                    } catch {
                        #expect((error as? DatabaseError)?.code == .closed)
                        return 0
                    }
                }
                if id == 250 { running.cancel() }
            }
            return await group.reduce(0, +)
        }
        try await running.value
        let other = try await PostgresDatabase.open(url, logger: .silent)
        #expect(try await other.read { try $0.query("SELECT count(*) FROM t")[0].int(0) } == written)
    }

    // MARK: Opening

    @Test(arguments: [
        ("martlet:martlet", "martlet:wrong-secret", DatabaseError.Code.refused),
        ("martlet:martlet", "nobody:wrong-secret", .refused),
        ("/martlet", "/nowhere", .refused),
        ("/martlet", "/martlet?port=1", .unavailable),
        ("127.0.0.1", "no-such-host.invalid", .unavailable),
        ("/martlet", "/martlet?sslmode=require", .refused),
        ("/martlet", "/martlet?options=-c%20statement_timeout%3Dwrong-secret", .refused),
        ("martlet:martlet", "martlet:wrong-secret%zz", .invalidConfiguration),
        ("martlet:martlet", "martlet:wrong-secret/x", .invalidConfiguration),
        ("/martlet", "/martlet?no_such_parameter=wrong-secret", .invalidConfiguration),
    ])
    func `a database that cannot be opened is told by name, without the password`(
        part: String,
        replacement: String,
        code: DatabaseError.Code
    ) async throws {
        let url = try await PrivatePostgres.shared().url.replacing(part, with: replacement)
        let error = await #expect(throws: DatabaseError.self) {
            _ = try await DatabaseURL(url).open(logger: .silent)
        }
        let message = error?.message ?? "no error"
        #expect(error?.code == code, "\(message)")
        #expect(!message.contains("wrong-secret") || replacement.contains("options"), "\(message)")
        #expect(message.hasPrefix("cannot open postgres://") || code == .invalidConfiguration, "\(message)")
    }
}
