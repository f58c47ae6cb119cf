import Persistence
import Testing

@Suite struct DatabaseURLTests {
    @Test(arguments: [
        ("sqlite:///var/lib/martlet.db", "/var/lib/martlet.db"),
        ("sqlite:var/martlet.db", "var/martlet.db"),
        ("SQLITE:///a", "/a"),
    ])
    func `files are found`(text: String, path: String) throws {
        #expect(try DatabaseURL(text) == .sqlite(path: path))
    }

    @Test(arguments: ["", "sqlite:", "sqlite://", "sqlite://host/path", "mysql://localhost/x", "/var/lib/x.db"])
    func `other addresses are refused with what is expected`(text: String) {
        let error = #expect(throws: DatabaseError.self) { try DatabaseURL(text) }
        #expect(error?.code == .invalidConfiguration)
        #expect(error?.message.contains("sqlite:///absolute/path") == true)
    }

    @Test(arguments: [
        ("postgres://alice:s3cr%40t@db:5432/martlet?sslmode=require", "postgres://alice@db:5432/martlet"),
        ("postgresql://db/martlet?password=secret", "postgres://db/martlet"),
        ("postgres://alice:s3cr@t@db/martlet", "postgres://alice@db/martlet"),
        ("postgres://alice:s3?r@db/martlet", "postgres://alice@db/martlet"),
        ("postgres://alice:s3/r@db/martlet", "postgres://..."),
        ("sqlite:///var/x.db", "sqlite:///var/x.db"),
    ])
    func `passwords are not shown`(text: String, shown: String) throws {
        #expect(try DatabaseURL(text).redacted == shown)
    }
}
