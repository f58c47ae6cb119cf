package import Foundation
import Subprocess

/// A real RabbitMQ for one test process: on loopback, with the suite's definitions, gone when the process is.
///
/// A start takes 6 to 15 s, so that suites share ``shared()``; who breaks brokers starts one of its own.
package final class PrivateBroker: Sendable {
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    /// The broker of all suites of this process.
    package static func shared() async throws -> PrivateBroker { try await starting.value }

    private static let starting = Task { try await PrivateBroker.start() }

    /// The checkout that this file was compiled in.
    package static let repository = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
        .standardizedFileURL

    private static let script = repository.appending(path: "deploy/local/rabbitmq.sh").path

    package let port: Int
    package let folder: URL
    package var url: String { "amqp://guest:guest@127.0.0.1:\(port)" }

    private init(port: Int, folder: URL) {
        self.port = port
        self.folder = folder
    }

    /// Starts a broker and returns when it takes connections.
    ///
    /// - Parameters:
    ///   - port: A free one if left out.
    ///   - configuration: Makes lines for its `rabbitmq.conf`, and files that they name, in its folder.
    package static func start(
        port: Int? = nil,
        configuration: @Sendable (URL) async throws -> String = { _ in "" }
    ) async throws -> PrivateBroker {
        let folder = FileManager.default.temporaryDirectory.appending(path: "martlet-rabbitmq-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let extra = folder.appending(path: "extra.conf")
        try await Data(configuration(folder).utf8).write(to: extra)
        let broker = PrivateBroker(port: try port ?? freePort(), folder: folder)
        try await broker.launch(extra: extra)
        return broker
    }

    private func launch(extra: URL) async throws {
        let watch = String(ProcessInfo.processInfo.processIdentifier)
        try await run("start", folder.path, String(port), "--watch", watch, "--conf", extra.path)
    }

    /// Starts it again after ``stop()`` or ``kill()``, with what it had stored.
    package func restart() async throws {
        try await launch(extra: folder.appending(path: "extra.conf"))
    }

    /// Kills it as a crash or a power cut would; what it had stored stays.
    package func kill() async throws {
        let text = try String(contentsOf: folder.appending(path: "server.pid"), encoding: .utf8)
        guard let process = Int32(text.trimmingCharacters(in: .whitespacesAndNewlines)) else {
            throw Failure(description: "rabbitmq.sh left no process id: \(text)")
        }
        Foundation.kill(process, SIGKILL)
        try await stop()
    }

    package func stop() async throws {
        try await run("stop", folder.path)
    }

    /// Runs rabbitmqctl on it and returns what it printed.
    @discardableResult
    package func ctl(_ arguments: String...) async throws -> String {
        try await run(["ctl", folder.path] + arguments)
    }

    /// Closes the connections whose name starts with `prefix`, as an operator would.
    package func closeConnections(named prefix: String) async throws {
        let connections = "rabbit_networking:connection_info_all([pid, client_properties])"
        let close = """
            lists:foreach(fun([{pid, Pid}, {client_properties, Properties}]) -> \
            case lists:keyfind(<<"connection_name">>, 1, Properties) of \
            {_, _, <<"\(prefix)", _/binary>>} -> rabbit_networking:close_connection(Pid, "fault injection"); \
            _ -> ok end end, \(connections)).
            """
        try await ctl("eval", close)
    }

    // MARK: Running the script

    @discardableResult
    private func run(_ arguments: String...) async throws -> String { try await run(arguments) }

    private func run(_ arguments: [String]) async throws -> String {
        // A file and no pipe: the broker inherits it, and a pipe would stay open as long as it runs.
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
            throw Failure(description: "rabbitmq.sh \(arguments[0]): \(text)")
        }
        return text
    }

    /// A port p such that p, p+10000 and p+20000, which the script uses, are free.
    package static func freePort() throws -> Int {
        for _ in 0..<100 {
            let port = Int.random(in: 20_000...30_000)
            if [port, port + 10_000, port + 20_000].allSatisfy(isFree) { return port }
        }
        throw Failure(description: "no free port for a broker")
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
