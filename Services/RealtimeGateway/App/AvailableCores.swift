import Foundation
import NIOCore

/// How many cores this process may use: those of the machine, less what a container or `taskset` keeps from it.
enum AvailableCores {
    static var count: Int { max(1, min(System.coreCount, allowed ?? System.coreCount)) }

    /// Cores of the process's affinity mask, hexadecimal words with commas between them (proc(5)).
    private static var allowed: Int? {
        guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
            let line = status.split(separator: "\n").first(where: { $0.hasPrefix("Cpus_allowed:") })
        else { return nil }
        return line.dropFirst("Cpus_allowed:".count).compactMap(\.hexDigitValue).reduce(0) { $0 + $1.nonzeroBitCount }
    }
}
