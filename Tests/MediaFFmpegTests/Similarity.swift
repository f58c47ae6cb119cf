import Foundation

/// The structural similarity that ffmpeg's filter measures.
enum Similarity {
    /// Of the luma of two files' pictures, on average.
    static func between(_ file: String, _ original: String) throws -> Double {
        let report = FileManager.default.temporaryDirectory.appendingPathComponent("ssim-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: report) }
        let filter = "[0:v][1:v]ssim=stats_file=\(report)"
        try run("ffmpeg", ["-v", "error", "-nostdin", "-i", file, "-i", original, "-lavfi", filter, "-f", "null", "-"])
        let values = try String(contentsOfFile: report, encoding: .utf8).split(separator: "\n").compactMap { line in
            line.split(separator: " ").first { $0.hasPrefix("Y:") }.flatMap { Double($0.dropFirst(2)) }
        }
        return values.reduce(0, +) / Double(max(1, values.count))
    }
}
