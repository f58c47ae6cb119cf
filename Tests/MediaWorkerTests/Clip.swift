import Foundation

/// Files that the ffmpeg command line makes.
enum Clip {
    /// A short film with sound, made once for all tests.
    static let bytes: Result<Data, any Error> = Result {
        let pictures = ["-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d=3", "-f", "lavfi", "-i", "sine=d=3"]
        let codecs = ["-c:v", "libx264", "-preset", "ultrafast", "-threads", "1", "-c:a", "aac"]
        return try make(pictures + codecs + ["-movflags", "faststart"], "mp4")
    }

    /// - Parameter type: The file's extension.
    static func make(_ arguments: [String], _ type: String) throws -> Data {
        let path = FileManager.default.temporaryDirectory.appending(path: "martlet-\(UUID().uuidString).\(type)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["ffmpeg", "-v", "error", "-nostdin", "-y"] + arguments + [path]
        try process.run()
        process.waitUntilExit()
        return try Data(contentsOf: URL(fileURLWithPath: path))
    }
}
