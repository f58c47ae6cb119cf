package import Foundation
import Subprocess

/// A real PostgreSQL for one test process: on loopback, with data of its own, gone when the process is.
///
/// A start takes 2 s, so that suites share ``shared()``; who breaks servers starts one of its own.
package final class PrivatePostgres: Sendable {
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    /// The server of all suites of this process.
    package static func shared() async throws -> PrivatePostgres { try await starting.value }

    private static let starting = Task { try await PrivatePostgres.start() }

    private static let script = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../deploy/local/postgres.sh").standardizedFileURL.path

    package let port: Int
    package let folder: URL
    /// The database `martlet`; its owner, who is a superuser, has the password `martlet`.
    package var url: String { url(of: "martlet") }

    private init(port: Int, folder: URL) {
        self.port = port
        self.folder = folder
    }

    /// Starts a server and returns when it takes connections.
    ///
    /// - Parameter configuration: Makes lines for its `postgresql.conf`, and files that they name, in its folder.
    package static func start(
        configuration: @Sendable (URL) async throws -> String = { _ in "" }
    ) async throws -> PrivatePostgres {
        let folder = FileManager.default.temporaryDirectory.appending(path: "martlet-postgres-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let server = PrivatePostgres(port: try freePort(), folder: folder)
        try await Data(configuration(folder).utf8).write(to: server.extra)
        try await server.restart()
        return server
    }

    private var extra: URL { folder.appending(path: "extra.conf") }

    /// Starts it again after ``stop()`` or ``kill()``, with what it had stored.
    package func restart() async throws {
        let watch = String(ProcessInfo.processInfo.processIdentifier)
        try await run("start", folder.path, String(port), "--watch", watch, "--conf", extra.path)
    }

    package func stop() async throws { try await run("stop", folder.path) }

    /// Kills it as a crash or a power cut would; what it had stored stays.
    package func kill() async throws { try await run("kill", folder.path) }

    // MARK: Databases

    /// Makes an empty database and returns its address.
    package func makeDatabase() async throws -> String {
        let name = "test_" + UUID().uuidString.lowercased().replacing("-", with: "")
        try await sql("CREATE DATABASE \(name)")
        return url(of: name)
    }

    /// Runs a statement as superuser, outside of what is tested, and returns the rows in psql's plain form.
    @discardableResult
    package func sql(_ statement: String) async throws -> String {
        try await run("sql", folder.path, statement).trimmingCharacters(in: .newlines)
    }

    private func url(of database: String) -> String { "postgres://martlet:martlet@127.0.0.1:\(port)/\(database)" }

    // MARK: Running the script

    @discardableResult
    private func run(_ arguments: String...) async throws -> String {
        // A file and no pipe: the server inherits it, and a pipe would stay open as long as it runs.
        let output = FileManager.default.temporaryDirectory.appending(path: "martlet-\(UUID().uuidString).log")
        defer { try? FileManager.default.removeItem(at: output) }
        let redirect = #"exec bash "$@" >"$0" 2>&1"#
        let result = try await Subprocess.run(
            .name("sh"),
            arguments: Arguments(["-c", redirect, output.path, Self.script] + arguments),
            output: .discarded,
            error: .discarded
        )
        let text = String(decoding: try Data(contentsOf: output), as: UTF8.self)
        guard result.terminationStatus.isSuccess else {
            throw Failure(description: "postgres.sh \(arguments[0]): \(text)")
        }
        return text
    }

    /// A port below those that the kernel gives to clients.
    private static func freePort() throws -> Int {
        for _ in 0..<100 {
            let port = Int.random(in: 10_000..<20_000)
            if isFree(port) { return port }
        }
        throw Failure(description: "no free port for a server")
    }

    private static func isFree(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let length = socklen_t(MemoryLayout<sockaddr_in>.size)
        return unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(descriptor, $0, length) == 0
            }
        }
    }
}
