package import Foundation
package import ObjectStorage
import Subprocess

/// A real S3 store for one test process: on loopback, with data of its own, gone when the process is.
///
/// A start takes 5 to 10 s, so that suites share ``shared()``, each with a bucket of its own.
package final class PrivateS3: Sendable {
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    /// The store of all suites of this process.
    package static func shared() async throws -> PrivateS3 { try await starting.value }

    private static let starting = Task { try await PrivateS3.start() }

    private static let script = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../deploy/local/s3.sh").standardizedFileURL.path

    package let port: Int
    package let folder: URL
    /// Those of the only user that it knows.
    package let credentials = S3Credentials(accessKeyID: "test:tester", secretAccessKey: "testing")
    package var endpoint: String { "http://127.0.0.1:\(port)" }

    private init(port: Int, folder: URL) {
        self.port = port
        self.folder = folder
    }

    /// Starts a store and returns when it answers.
    package static func start() async throws -> PrivateS3 {
        let folder = FileManager.default.temporaryDirectory.appending(path: "martlet-s3-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let store = PrivateS3(port: try freePorts(), folder: folder)
        let watch = String(ProcessInfo.processInfo.processIdentifier)
        try await store.run("start", folder.path, String(store.port), "--watch", watch)
        return store
    }

    package func stop() async throws { try await run("stop", folder.path) }

    /// Makes an empty bucket and returns its location.
    package func makeBucket(prefix: String = "") async throws -> S3Location {
        let name = "test-" + UUID().uuidString.lowercased()
        let location = try S3Location(parsing: "s3://\(name)\(prefix.isEmpty ? "" : "/\(prefix)")?endpoint=\(endpoint)")
        try await S3Client(location, credentials).makeBucket()
        return location
    }

    // MARK: Running the script

    private func run(_ arguments: String...) async throws {
        // A file and no pipe: the servers inherit it, and a pipe would stay open as long as they run.
        let output = FileManager.default.temporaryDirectory.appending(path: "martlet-\(UUID().uuidString).log")
        defer { try? FileManager.default.removeItem(at: output) }
        let redirect = #"exec bash "$@" >"$0" 2>&1"#
        let result = try await Subprocess.run(
            .name("sh"),
            arguments: Arguments(["-c", redirect, output.path, Self.script] + arguments),
            output: .discarded,
            error: .discarded
        )
        guard result.terminationStatus.isSuccess else {
            let text = String(decoding: try Data(contentsOf: output), as: UTF8.self)
            throw Failure(description: "s3.sh \(arguments[0]): \(text)")
        }
    }

    /// The first of five free ports, below those that the kernel gives to clients.
    private static func freePorts() throws -> Int {
        for _ in 0..<100 {
            let port = Int.random(in: 10_000..<20_000)
            if (port..<port + 5).allSatisfy(isFree) { return port }
        }
        throw Failure(description: "no free ports for a store")
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
