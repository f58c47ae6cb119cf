import Glibc
import MediaDomain

/// What was made, for a person.
struct Summary {
    let asset: AssetDescription
    let folder: String
    /// Seconds.
    let elapsed: Double

    var text: String {
        let head = ["rendition", "size", "codec", "segments", "MB", "peak kbit/s", "average kbit/s"]
        let table = Self.table([head] + (asset.video + asset.audio).map(Self.row))
        let speed = elapsed > 0 ? " (\((asset.duration / elapsed).shown(1)) x)" : ""
        let part = asset.incomplete ? "\nThe source ends before its time: this is the part that could be decoded." : ""
        return """
            \(table)

            \(asset.duration.shown(2)) s of media in \(elapsed.shown(1)) s\(speed), \(processorTime.shown(1)) s of CPU\(part)
            HLS   \(folder)/\(OutputLayout.hlsMaster)
            DASH  \(folder)/\(OutputLayout.dashManifest)
            """
    }

    /// Seconds of all threads of this process.
    private var processorTime: Double {
        var usage = rusage()
        unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        let parts = [usage.ru_utime, usage.ru_stime]
        return parts.reduce(0) { $0 + Double($1.tv_sec) + Double($1.tv_usec) / 1_000_000 }
    }

    private static func row(_ rendition: AssetDescription.Rendition) -> [String] {
        let size = rendition.width.flatMap { width in rendition.height.map { "\(width)x\($0)" } }
        return [
            rendition.name, size ?? "sound", rendition.codecs, String(rendition.segments),
            (Double(rendition.bytes) / 1_000_000).shown(2), (Double(rendition.peakBitrate) / 1000).shown(0),
            (Double(rendition.averageBitrate) / 1000).shown(0),
        ]
    }

    /// Columns of equal width: texts to the left, numbers to the right.
    private static func table(_ rows: [[String]]) -> String {
        let columns = rows.first?.indices ?? 0..<0
        let widths = columns.map { column in rows.map { $0[column].count }.max() ?? 0 }
        let lines = rows.map { row in
            columns.map { column in
                let padding = String(repeating: " ", count: widths[column] - row[column].count)
                return column < 3 ? row[column] + padding : padding + row[column]
            }
            .joined(separator: "  ")
        }
        return lines.joined(separator: "\n")
    }
}
