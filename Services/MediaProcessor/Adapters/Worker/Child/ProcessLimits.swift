import Foundation
import Glibc

/// What the kernel does not let a worker exceed, whatever a file makes it do.
enum ProcessLimits {
    static func apply(_ limits: WorkerLimits) {
        set(RLIMIT_AS, limits.memory)
        set(RLIMIT_FSIZE, limits.fileSize)
        set(RLIMIT_NOFILE, 256)
        // No core file: it would hold a stranger's video.
        set(RLIMIT_CORE, 0)
        applyProcessorTime(limits.baseTime)
    }

    /// `seconds` on the clock on every core.
    static func applyProcessorTime(_ seconds: Double) {
        let cores = Double(max(1, ProcessInfo.processInfo.activeProcessorCount))
        set(RLIMIT_CPU, Int(min(seconds * cores, 1e9)))
    }

    /// Sets the soft limit; what the process may not even ask for stays as it is.
    private static func set(_ resource: __rlimit_resource, _ value: Int) {
        let resource = __rlimit_resource_t(resource.rawValue)
        var limit = rlimit()
        guard unsafe getrlimit(resource, &limit) == 0 else { return }
        limit.rlim_cur = min(rlim_t(value), limit.rlim_max)
        unsafe _ = setrlimit(resource, &limit)
    }
}
