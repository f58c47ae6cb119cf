import Foundation
import Testing

/// A folder for one test's files, gone when the test is over.
final class Workplace: Sendable {
    let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("media-ffmpeg-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

    func write(_ bytes: some Sequence<UInt8>, as name: String) throws -> String {
        try Data(bytes).write(to: URL(fileURLWithPath: path(name)))
        return path(name)
    }

    /// The file's first bytes, as another file.
    func truncate(_ file: String, to share: Double, as name: String) throws -> String {
        let data = try Data(contentsOf: URL(fileURLWithPath: file))
        return try write(data.prefix(Int(Double(data.count) * share)), as: name)
    }

    /// Makes a file with the ffmpeg command line.
    func make(_ name: String, _ arguments: [String]) throws -> String {
        try run("ffmpeg", ["-v", "error", "-nostdin", "-y"] + arguments + ["-threads", "1", path(name)])
        return path(name)
    }
}

/// Usual pieces of ffmpeg command lines.
enum Clip {
    static let h264 = ["-c:v", "libx264", "-preset", "ultrafast", "-g", "30"]

    static func pictures(_ size: String, rate: String = "30", seconds: Double) -> [String] {
        ["-f", "lavfi", "-i", "testsrc2=s=\(size):r=\(rate):d=\(seconds)"]
    }

    static func sound(seconds: Double, rate: Int = 48_000) -> [String] {
        ["-f", "lavfi", "-i", "sine=f=440:r=\(rate):d=\(seconds)"]
    }
}

struct ProgramFailure: Error {
    let message: String
}

/// Runs a program and yields what it printed; its complaints are an error.
@discardableResult
func run(_ program: String, _ arguments: [String]) throws -> Data {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [program] + arguments
    let output = Pipe()
    let complaints = FileManager.default.temporaryDirectory.appendingPathComponent("stderr-\(UUID().uuidString)")
    try Data().write(to: complaints)
    defer { try? FileManager.default.removeItem(at: complaints) }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = try FileHandle(forWritingTo: complaints)
    try process.run()
    let printed = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    let complaint = try String(decoding: Data(contentsOf: complaints), as: UTF8.self)
    guard process.terminationStatus == 0, complaint.isEmpty else {
        throw ProgramFailure(message: "\(program) \(arguments.joined(separator: " ")): \(complaint)")
    }
    return printed
}
