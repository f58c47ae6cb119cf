import Foundation

/// Reads a text line by line, holding no more of it than one line.
struct LineReader {
    /// A message of the largest size that is published, in base64, with its headers.
    static let longestLine = 32 << 20
    private static let chunk = 64 << 10

    private let file: FileHandle
    private var buffer: [UInt8] = []
    private var isAtEnd = false
    /// The number of the line that was read last, from 1.
    private(set) var number = 0

    /// Opens a file, or standard input for `-`.
    init(path: String) throws(CommandFailure) {
        let handle = path == "-" ? FileHandle.standardInput : FileHandle(forReadingAtPath: path)
        guard let handle else {
            throw CommandFailure(
                .failed,
                "cannot read \"\(path)\": no such file, or no permission; - is standard input"
            )
        }
        file = handle
    }

    /// The next line that is not empty; `nil` at the end.
    mutating func next() throws(CommandFailure) -> [UInt8]? {
        while let line = try nextLine() {
            number += 1
            if line.contains(where: { $0 > 0x20 }) { return line }
        }
        return nil
    }

    private mutating func nextLine() throws(CommandFailure) -> [UInt8]? {
        var searched = 0
        while true {
            if let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                defer { buffer.removeSubrange(...end) }
                return Array(buffer[..<end])
            }
            searched = buffer.count
            guard searched <= Self.longestLine else {
                throw CommandFailure(.invalidEvent, "line \(number + 1) is longer than \(Self.longestLine) bytes")
            }
            if isAtEnd || !read() {
                isAtEnd = true
                defer { buffer = [] }
                return buffer.isEmpty ? nil : buffer
            }
        }
    }

    private mutating func read() -> Bool {
        guard let data = try? file.read(upToCount: Self.chunk), !data.isEmpty else { return false }
        buffer.append(contentsOf: data)
        return true
    }
}
