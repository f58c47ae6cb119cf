import Dispatch
import Foundation
import Glibc

/// What the kernel says of this process (proc(5)), under the names that Prometheus' own clients use.
package struct ProcessStatistics: Sendable, Hashable {
    package var cpuSeconds: Double
    package var residentBytes: Int
    package var virtualBytes: Int
    package var startTime: Double
    package var openDescriptors: Int
    package var maximumDescriptors: Int

    private static let queue = DispatchQueue(label: "martlet.process-statistics")

    /// Reads them now, off the cooperative pool: a process with 100,000 sockets takes a while to list.
    package static func read() async -> ProcessStatistics? {
        await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: current()) }
        }
    }

    private static func current() -> ProcessStatistics? {
        guard let stat = try? String(contentsOfFile: "/proc/self/stat", encoding: .utf8),
            let boot = bootTime, let closing = stat.lastIndex(of: ")")
        else { return nil }
        // Field 3 follows the program's name, which may itself hold blanks and parentheses.
        let fields = stat[stat.index(after: closing)...].split(separator: " ")
        guard fields.count > 21, let user = Double(fields[11]), let system = Double(fields[12]),
            let start = Double(fields[19]), let virtual = Int(fields[20]), let pages = Int(fields[21])
        else { return nil }
        let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
        let descriptors = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
        return ProcessStatistics(
            cpuSeconds: (user + system) / ticks,
            residentBytes: pages * Int(sysconf(Int32(_SC_PAGESIZE))),
            virtualBytes: virtual,
            startTime: boot + start / ticks,
            openDescriptors: descriptors ?? 0,
            maximumDescriptors: DescriptorLimit.current
        )
    }

    private static let bootTime: Double? = {
        let stat = try? String(contentsOfFile: "/proc/stat", encoding: .utf8)
        let line = stat?.split(separator: "\n").first { $0.hasPrefix("btime ") }
        return line.flatMap { Double($0.dropFirst(6)) }
    }()

    func write(to text: inout String) {
        let samples: [(String, MetricFamily.Kind, String, Double)] = [
            ("process_cpu_seconds_total", .counter, "User and system CPU time in seconds.", cpuSeconds),
            ("process_max_fds", .gauge, "Most file descriptors it may open.", Double(maximumDescriptors)),
            ("process_open_fds", .gauge, "Open file descriptors.", Double(openDescriptors)),
            ("process_resident_memory_bytes", .gauge, "Resident memory in bytes.", Double(residentBytes)),
            ("process_start_time_seconds", .gauge, "When it started, in seconds since 1970.", startTime),
            ("process_virtual_memory_bytes", .gauge, "Virtual memory in bytes.", Double(virtualBytes)),
        ]
        for (name, kind, meaning, value) in samples {
            PrometheusRegistry.writeHead(name, kind, meaning, to: &text)
            text += "\(name) \(SampleValue.text(value))\n"
        }
    }
}

/// How many files and sockets the process may hold open.
enum DescriptorLimit {
    static var current: Int {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 0 }
        return Int(clamping: limit.rlim_cur)
    }

    /// Raises the soft limit to the hard one: each connection is a descriptor, and the soft limit is 1024 by habit.
    static func raise() {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
