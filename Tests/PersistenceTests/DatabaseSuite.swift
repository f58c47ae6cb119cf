import Foundation
import Persistence
import Synchronization
import Testing

/// What every database has to do, whichever driver is behind it.
@Suite(.timeLimit(.minutes(2))) struct DatabaseSuite {
    private func makeTable(in database: any Database) async throws -> String {
        let name = "t_" + UUID().uuidString.lowercased().replacing("-", with: "")
        try await database.write { transaction in
            try transaction.execute(
                """
                CREATE TABLE \(name) (
                    id BIGINT PRIMARY KEY, label TEXT, body BYTEA, weight DOUBLE PRECISION
                )
                """
            )
        }
        return name
    }

    @Test(arguments: Engine.allCases)
    func `values come back as they went in`(_ engine: Engine) async throws {
        let database = try await engine.open()
        let table = try await makeTable(in: database)
        let rows: [[SQLValue]] = [
            [.integer(.max), .text("Grüße, 世界 \u{1F426}"), .blob([0, 1, 255]), .real(0.1)],
            [.integer(.min), .text(""), .blob([]), .real(-1e300)],
            [.integer(0), .null, .null, .null],
        ]
        let read = try await database.write { transaction in
            for row in rows { try transaction.execute("INSERT INTO \(table) VALUES ($1, $2, $3, $4)", row) }
            return try transaction.query("SELECT id, label, body, weight FROM \(table) ORDER BY id DESC")
        }
        #expect(read.map(\.values) == [rows[0], rows[2], rows[1]])
    }

    @Test(arguments: Engine.allCases)
    func `a work that throws leaves nothing and harms nobody`(_ engine: Engine) async throws {
        let database = try await engine.open()
        struct Refused: Error {}
        let table = try await makeTable(in: database)
        await withTaskGroup(of: Void.self) { group in
            for id in 0..<200 {
                group.addTask {
                    try? await database.write { transaction in
                        try transaction.execute("INSERT INTO \(table) (id) VALUES ($1)", [.int(id)])
                        if id % 10 == 3 { throw Refused() }
                    }
                }
            }
        }
        let ids = try await database.read { transaction in
            try transaction.query("SELECT id FROM \(table) ORDER BY id").map { row in try row.int(0) }
        }
        #expect(ids == (0..<200).filter { $0 % 10 != 3 })
    }

    @Test(arguments: Engine.allCases)
    func `hooks run for what was committed and only for that`(_ engine: Engine) async throws {
        let database = try await engine.open()
        struct Refused: Error {}
        let table = try await makeTable(in: database)
        let (fired, continuation) = AsyncStream.makeStream(of: Int.self)
        await withTaskGroup(of: Void.self) { group in
            for id in 0..<50 {
                group.addTask {
                    try? await database.write { transaction in
                        transaction.afterCommit { continuation.yield(id) }
                        try transaction.execute("INSERT INTO \(table) (id) VALUES ($1)", [.int(id)])
                        if id == 7 { throw Refused() }
                    }
                }
            }
        }
        var seen: Set<Int> = []
        for await id in fired {
            #expect(seen.insert(id).inserted, "once each")
            if seen.count == 49 { break }
        }
        #expect(!seen.contains(7))
    }

    @Test(arguments: Engine.allCases)
    func `hooks have run by the time the caller goes on`(_ engine: Engine) async throws {
        let database = try await engine.open()
        let table = try await makeTable(in: database)
        let fired = Mutex(0)
        for id in 1...200 {
            try await database.write { transaction in
                transaction.afterCommit { fired.withLock { $0 = id } }
                try transaction.execute("INSERT INTO \(table) (id) VALUES ($1)", [.int(id)])
            }
            #expect(fired.withLock { $0 } == id)
        }
    }

    @Test(arguments: Engine.allCases)
    func `mistakes have their codes`(_ engine: Engine) async throws {
        let database = try await engine.open()
        let table = try await makeTable(in: database)
        try await database.write { try $0.execute("INSERT INTO \(table) (id) VALUES (1)") }
        let twice = await #expect(throws: DatabaseError.self) {
            try await database.write { _ = try $0.execute("INSERT INTO \(table) (id) VALUES (1)") }
        }
        #expect(twice?.code == .constraint)
        let nonsense = await #expect(throws: DatabaseError.self) {
            try await database.write { _ = try $0.execute("SELEKT 1") }
        }
        #expect(nonsense?.code == .mismatch)
    }

    @Test(arguments: Engine.allCases)
    func `an argument may be used twice and affected rows are counted`(_ engine: Engine) async throws {
        let database = try await engine.open()
        let table = try await makeTable(in: database)
        let changed = try await database.write { transaction in
            for id in 0..<5 { try transaction.execute("INSERT INTO \(table) (id) VALUES ($1)", [.int(id)]) }
            return try transaction.execute(
                "UPDATE \(table) SET label = $1 WHERE id > $2 AND ($1 <> '' OR id = $2)",
                [.text("x"), .int(2)]
            )
        }
        #expect(changed == 2)
    }

    @Test(arguments: Engine.allCases)
    func `a key that is there is left alone and told`(_ engine: Engine) async throws {
        let database = try await engine.open()
        let table = try await makeTable(in: database)
        let insert = "INSERT INTO \(table) (id, label) VALUES ($1, $2) ON CONFLICT DO NOTHING"
        let changes = try await database.write { transaction in
            [
                try transaction.execute(insert, [1, "first"]),
                try transaction.execute(insert, [1, "second"]),
            ]
        }
        #expect(changes == [1, 0])
    }

    @Test(arguments: Engine.allCases)
    func `concurrent counters lose nothing`(_ engine: Engine) async throws {
        let database = try await engine.open()
        let table = try await makeTable(in: database)
        try await database.write { _ = try $0.execute("INSERT INTO \(table) (id, weight) VALUES (1, 0)") }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<100 {
                group.addTask {
                    try await database.write {
                        _ = try $0.execute("UPDATE \(table) SET weight = weight + 1 WHERE id = 1")
                    }
                }
            }
            try await group.waitForAll()
        }
        let total = try await database.read { try $0.query("SELECT weight FROM \(table)")[0].real(0) }
        #expect(total == 100)
    }

    @Test(arguments: Engine.allCases)
    func `migrations run once and a newer schema is refused`(_ engine: Engine) async throws {
        let database = try await engine.open()
        let name = "c" + UUID().uuidString.lowercased().replacing("-", with: "")
        let first = Migration(1) { _ in ["CREATE TABLE \(name) (id BIGINT PRIMARY KEY)"] }
        let second = Migration(2) { _ in ["ALTER TABLE \(name) ADD COLUMN label TEXT"] }
        try await database.migrate([SchemaComponent(name, [first])])
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask { try await database.migrate([SchemaComponent(name, [first, second])]) }
            }
            try await group.waitForAll()
        }
        try await database.write { _ = try $0.execute("INSERT INTO \(name) (id, label) VALUES (1, 'x')") }
        let older = await #expect(throws: DatabaseError.self) {
            try await database.migrate([SchemaComponent(name, [first])])
        }
        #expect(older?.code == .newerSchema)
    }

    @Test(arguments: Engine.allCases)
    func `a work that goes on after a failed statement is taken back`(_ engine: Engine) async throws {
        let database = try await engine.open()
        let table = try await makeTable(in: database)
        let error = await #expect(throws: DatabaseError.self) {
            try await database.write { transaction in
                try transaction.execute("INSERT INTO \(table) (id) VALUES (1)")
                _ = try? transaction.execute("INSERT INTO \(table) (id) VALUES (1)")
            }
        }
        #expect(error?.code == .constraint)
        #expect(try await database.read { try $0.query("SELECT id FROM \(table)") }.isEmpty)
    }

    @Test(arguments: Engine.allCases)
    func `sums and averages are numbers`(_ engine: Engine) async throws {
        let database = try await engine.open()
        let table = try await makeTable(in: database)
        let row = try await database.write { transaction in
            for id in [1, 20_000, 400_000_002] as [Int] {
                try transaction.execute("INSERT INTO \(table) (id, weight) VALUES ($1, 0.25)", [.int(id)])
            }
            return try transaction.query(
                "SELECT sum(id), count(*), avg(id), sum(weight), max(label), sum(-id) FROM \(table)"
            )[0]
        }
        #expect(try row.integer(0) == 400_020_003)
        #expect(try row.integer(1) == 3)
        #expect(try abs(row.real(2) - 133_340_001) < 1)
        #expect(try row.real(3) == 0.75)
        #expect(row.isNull(4))
        #expect(try row.integer(5) == -400_020_003)
    }
}
