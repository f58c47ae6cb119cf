import Foundation
import Logging
import Persistence
import PersistenceTesting
import Testing

@Suite struct SQLiteTests {
    private let path: String
    private let database: SQLiteDatabase

    init() throws {
        path = TestFiles.newPath()
        database = try SQLiteDatabase(path: path, logger: Logger(label: "test"))
    }

    @Test func `a file that was deleted takes no more writes`() async throws {
        try await database.write { _ = try $0.execute("CREATE TABLE t (id BIGINT PRIMARY KEY)") }
        try FileManager.default.removeItem(atPath: path)
        let error = await #expect(throws: DatabaseError.self) {
            try await database.write { _ = try $0.execute("INSERT INTO t VALUES (1)") }
        }
        #expect(error?.code == .unavailable)
        #expect(database.problem != nil)
    }

    @Test func `a file that is no database is refused by name`() throws {
        let path = TestFiles.newPath()
        let folder = URL(filePath: path).deletingLastPathComponent()
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data(repeating: 0x41, count: 4096).write(to: URL(filePath: path))
        let error = #expect(throws: DatabaseError.self) {
            _ = try SQLiteDatabase(path: path, logger: Logger(label: "test"))
        }
        #expect(error?.code == .refused)
        #expect(error?.message.contains(path) == true)
    }

    @Test func `what another process holds is waited for and then told`() async throws {
        let other = try SQLiteDatabase(path: path, logger: Logger(label: "other"))
        try await database.write { _ = try $0.execute("CREATE TABLE t (id BIGINT PRIMARY KEY)") }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for id in 0..<100 {
                let target = id % 2 == 0 ? database : other
                group.addTask { try await target.write { _ = try $0.execute("INSERT INTO t VALUES ($1)", [.int(id)]) } }
            }
            try await group.waitForAll()
        }
        let count = try await other.read { try $0.query("SELECT count(*) FROM t")[0].int(0) }
        #expect(count == 100)
    }
}
