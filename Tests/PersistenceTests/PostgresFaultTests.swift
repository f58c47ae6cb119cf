import Foundation
import Persistence
import PersistenceTesting
import Testing

/// What works of a server that is shot at: one of its own, one test after the other.
@Suite(.serialized, .timeLimit(.minutes(3))) struct PostgresFaultTests {
    private static let breakable = Task { try await PrivatePostgres.start() }

    private func open(connections: Int = 4, parameters: String = "") async throws -> PostgresDatabase {
        let server = try await Self.breakable.value
        // One database for all: each more makes the server's recovery take longer.
        try await server.sql("DROP TABLE IF EXISTS t; CREATE TABLE t (id BIGINT PRIMARY KEY)")
        let url = server.url + parameters
        let database = try await PostgresDatabase.open(url, connections: connections, logger: .silent)
        return database
    }

    private func ids(_ database: PostgresDatabase) async throws -> [Int] {
        try await database.read { try $0.query("SELECT id FROM t ORDER BY id").map { row in try row.int(0) } }
    }

    @Test func `a connection that breaks in the middle of works costs nobody anything`() async throws {
        let database = try await open(connections: 2)
        let runs = Guarded(0)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for id in 0..<20 {
                group.addTask {
                    try await database.write { transaction in
                        try transaction.execute("INSERT INTO t VALUES ($1)", [.int(id)])
                        guard id == 7, runs.count() == 1 else { return }
                        // Its own connection: whoever shares the transaction loses it, too.
                        _ = try transaction.query("SELECT pg_terminate_backend(pg_backend_pid())")
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await ids(database) == Array(0..<20))
        #expect(runs.value >= 2)
    }

    @Test func `a connection that broke just before the commit is noticed in time`() async throws {
        let database = try await open(connections: 1)
        let server = try await Self.breakable.value
        let runs = Guarded(0)
        let isOpen = Signal()
        let isBroken = Signal()
        async let written: Void = database.write { transaction in
            try transaction.execute("INSERT INTO t VALUES (1)")
            runs.count()
            isOpen.give()
            isBroken.block()
        }
        await isOpen.come()
        try await server.terminateConnections()
        isBroken.give()
        try await written
        #expect(try await ids(database) == [1])
        #expect(runs.value == 2)
    }

    @Test func `connections that broke while nothing was to do are replaced`() async throws {
        let database = try await open()
        let server = try await Self.breakable.value
        for id in 0..<3 {
            try await server.terminateConnections()
            try await database.write { _ = try $0.execute("INSERT INTO t VALUES ($1)", [.int(id)]) }
        }
        #expect(try await ids(database) == [0, 1, 2])
    }

    @Test func `a connection that breaks during the commit leaves the outcome unknown`() async throws {
        let database = try await open()
        try await database.write { transaction in
            try transaction.execute(
                """
                CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(10); RETURN NULL; END $$
                """
            )
            try transaction.execute(
                """
                CREATE CONSTRAINT TRIGGER die AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED
                FOR EACH ROW WHEN (NEW.id = 13) EXECUTE FUNCTION die()
                """
            )
        }
        let runs = Guarded(0)
        let error = await #expect(throws: DatabaseError.self) {
            try await database.write { transaction in
                runs.count()
                try transaction.execute("INSERT INTO t VALUES (13)")
            }
        }
        #expect(error?.code == .outcomeUnknown)
        #expect(runs.value == 1)
        try await database.write { try $0.execute("INSERT INTO t VALUES (14)") }
        #expect(try await ids(database) == [14])
    }

    @Test func `a server that stops answering is left for another connection`() async throws {
        let database = try await open(connections: 1, parameters: "?options=-c%20statement_timeout%3D100")
        let stopped = Guarded<pid_t?>(nil)
        try await database.write { transaction in
            try transaction.execute("INSERT INTO t VALUES (1)")
            guard stopped.value == nil else { return }
            let process = pid_t(try transaction.query("SELECT pg_backend_pid()")[0].int(0))
            stopped.value = process
            // It had the row, which has to be free for the second try.
            kill(process, SIGSTOP)
            _ = try? transaction.query("SELECT 1")
            kill(process, SIGCONT)
        }
        #expect(stopped.value != nil)
        #expect(try await ids(database) == [1])
    }

    @Test(arguments: [false, true])
    func `callers wait while the server restarts, and everything is written once`(isKilled: Bool) async throws {
        let database = try await open()
        let server = try await Self.breakable.value
        let isBack = Guarded(false)
        let hasBegun = Signal()
        let writers = (0..<8).map { writer in
            Task {
                var id = writer
                while !isBack.value {
                    try await write(id, to: database)
                    if id > 800 { hasBegun.give() }
                    id += 8
                }
                return id
            }
        }
        await hasBegun.come()
        if isKilled { try await server.kill() } else { try await server.stop() }
        try await server.restart()
        try await database.write { _ = try $0.execute("INSERT INTO t VALUES (-1)") }
        isBack.value = true
        var expected = [-1]
        for (writer, task) in writers.enumerated() { expected += stride(from: writer, to: try await task.value, by: 8) }
        #expect(try await ids(database) == expected.sorted())
        #expect(database.problem == nil)
    }

    /// Writes a row; again if nobody knows whether it was.
    private func write(_ id: Int, to database: PostgresDatabase) async throws {
        while true {
            do {
                let insert = "INSERT INTO t VALUES ($1) ON CONFLICT DO NOTHING"
                return try await database.write { _ = try $0.execute(insert, [.int(id)]) }
            } catch let error as DatabaseError where error.code == .outcomeUnknown {}
        }
    }

    @Test func `a server that is gone is told within bounds, and found when it is back`() async throws {
        let database = try await open()
        let server = try await Self.breakable.value
        #expect(database.problem == nil)
        try await server.stop()
        let started = ContinuousClock.now
        await withTaskGroup(of: Void.self) { group in
            for id in 0..<10 {
                group.addTask {
                    let error = await #expect(throws: DatabaseError.self) {
                        try await database.write { _ = try $0.execute("INSERT INTO t VALUES ($1)", [.int(id)]) }
                    }
                    #expect(error?.code == .unavailable)
                }
            }
        }
        #expect((9...14).contains((ContinuousClock.now - started) / .seconds(1)))
        #expect(database.problem?.contains("127.0.0.1") == true)
        try await server.restart()
        try await database.write { try $0.execute("INSERT INTO t VALUES (100)") }
        #expect(database.problem == nil)
        #expect(try await ids(database) == [100])
    }

    @Test func `a server that goes while nobody asks is told as well`() async throws {
        let database = try await open()
        let server = try await Self.breakable.value
        try await server.stop()
        // There is nothing to await: it is what a readiness probe sees that counts.
        while database.problem == nil { try await Task.sleep(for: .milliseconds(20)) }
        try await server.restart()
        while database.problem != nil { try await Task.sleep(for: .milliseconds(20)) }
        try await database.write { try $0.execute("INSERT INTO t VALUES (1)") }
    }
}

extension PrivatePostgres {
    /// Closes all connections but the one that asks for it, as an operator would.
    fileprivate func terminateConnections() async throws {
        try await sql(
            """
            SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
            WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
            """
        )
    }
}
