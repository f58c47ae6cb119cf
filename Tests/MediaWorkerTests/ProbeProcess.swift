import Foundation

/// The worker process of the tests, built beside them; see `Tests/Probes/Worker`.
struct ProbeProcess {
    static let path: String = {
        let tests = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        return tests.deletingLastPathComponent().appending(path: "WorkerProbe").path
    }()

    /// How it ended: the signal that ended it, if one did.
    let signal: Int32?
    let lines: [String]

    /// Runs it to its end.
    init(_ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.path)
        process.arguments = arguments
        process.environment = ["SWIFT_BACKTRACE": "enable=no"]
        let output = Foundation.Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        signal = process.terminationReason == .uncaughtSignal ? process.terminationStatus : nil
        lines = text.split(separator: "\n").map(String.init)
    }
}
