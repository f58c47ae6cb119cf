import Foundation
import Persistence
import PersistenceTesting
import Subprocess
import Testing

/// Connections in TLS, as libpq's parameters in the address ask for it.
@Suite(.serialized, .timeLimit(.minutes(2))) struct PostgresTLSTests {
    private static let secure = Task { try await PrivatePostgres.start(configuration: configure) }

    private func open(host: String, authority: String) async throws -> PostgresDatabase {
        let server = try await Self.secure.value
        let file = server.folder.appending(path: "\(authority).pem").path
        let url = server.url.replacing("127.0.0.1", with: host) + "?sslmode=verify-full&sslrootcert=\(file)"
        return try await PostgresDatabase.open(url, connections: 1, logger: .silent)
    }

    @Test func `a server is trusted by its authority and its name`() async throws {
        let database = try await open(host: "localhost", authority: "ca")
        let isEncrypted = try await database.read {
            try $0.query("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")[0].bool(0)
        }
        #expect(isEncrypted)
    }

    @Test(arguments: [
        ("localhost", "foreign", "certificate verify failed"),
        ("127.0.0.1", "ca", "does not match host name"),
        ("localhost", "missing", "does not exist"),
    ])
    func `an authority or a name that is another is refused`(
        host: String,
        authority: String,
        words: String
    ) async throws {
        try await expectRefusal(host, authority, words)
    }

    @Test func `a certificate that has expired is refused`() async throws {
        let server = try await Self.secure.value
        try await server.stop()
        for kind in ["pem", "key"] {
            let file = server.folder.appending(path: "server.\(kind)")
            try FileManager.default.removeItem(at: file)
            try FileManager.default.moveItem(at: server.folder.appending(path: "expired.\(kind)"), to: file)
        }
        try await server.restart()
        try await expectRefusal("localhost", "ca", "certificate verify failed")
    }

    private func expectRefusal(_ host: String, _ authority: String, _ words: String) async throws {
        let error = await #expect(throws: DatabaseError.self) { _ = try await open(host: host, authority: authority) }
        let message = error?.message ?? "no error"
        #expect(error?.code == .refused, "\(message)")
        #expect(message.contains("@\(host):") && message.contains(words), "\(message)")
    }

    // MARK: Certificates

    /// Two authorities, and two certificates of the first for localhost, of which one has expired.
    private static func configure(_ folder: URL) async throws -> String {
        let extensions = "subjectAltName=DNS:localhost\n"
        try Data(extensions.utf8).write(to: folder.appending(path: "names"))
        for authority in ["ca", "foreign"] {
            try await openssl(
                "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=\(authority) -keyout \(authority).key "
                    + "-out \(authority).pem -addext basicConstraints=critical,CA:TRUE",
                in: folder
            )
        }
        for (name, days) in [("server", 2), ("expired", -1)] {
            try await openssl(
                "req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout \(name).key -out csr",
                in: folder
            )
            try await openssl(
                "x509 -req -in csr -CA ca.pem -CAkey ca.key -CAcreateserial -days \(days) -out \(name).pem "
                    + "-extfile names",
                in: folder
            )
            try await shell(
                "chmod 600 \(name).key; if [ $(id -u) = 0 ]; then chown postgres \(name).key; fi",
                in: folder
            )
        }
        return """
            ssl = on
            ssl_cert_file = '\(folder.path)/server.pem'
            ssl_key_file = '\(folder.path)/server.key'

            """
    }

    private static func openssl(_ arguments: String, in folder: URL) async throws {
        try await shell("exec openssl \(arguments)", in: folder)
    }

    private static func shell(_ command: String, in folder: URL) async throws {
        let result = try await Subprocess.run(
            .name("sh"),
            arguments: Arguments(["-c", "cd \"$0\" && \(command)", folder.path]),
            output: .discarded,
            error: .discarded
        )
        #expect(result.terminationStatus.isSuccess, "\(command)")
    }
}
