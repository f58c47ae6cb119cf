import Foundation
import Synchronization

/// How the memory of this process is used, as the kernel says (proc(5)); all in bytes.
package struct MemoryStatistics: Sendable, Hashable {
    /// What is resident, of everything.
    package var resident = 0
    /// What is resident and belongs to no file: the heap, and stacks.
    package var residentHeap = 0
    /// What the process has asked for as data, resident or not.
    package var reservedHeap = 0
    /// What is resident and belongs to files or is shared: programs and libraries.
    package var residentFiles = 0
    /// What the process may use: the memory of the machine.
    package var machine = 0

    package static func read() -> MemoryStatistics {
        let own = table("/proc/self/status")
        return MemoryStatistics(
            resident: own["VmRSS"] ?? 0,
            residentHeap: own["RssAnon"] ?? 0,
            reservedHeap: own["VmData"] ?? 0,
            residentFiles: (own["RssFile"] ?? 0) + (own["RssShmem"] ?? 0),
            machine: table("/proc/meminfo")["MemTotal"] ?? 0
        )
    }

    /// Lines such as `VmRSS:     1234 kB`.
    private static func table(_ path: String) -> [Substring: Int] {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return [:] }
        var values: [Substring: Int] = [:]
        for line in text.split(separator: "\n") where line.hasSuffix(" kB") {
            let fields = line.split { $0 == ":" || $0 == " " || $0 == "\t" }
            if fields.count == 3, let kilobytes = Int(fields[1]) { values[fields[0]] = kilobytes * 1024 }
        }
        return values
    }
}
