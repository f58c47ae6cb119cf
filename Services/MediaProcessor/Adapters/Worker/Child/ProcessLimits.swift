import Foundation
import Glibc

/// What the kernel does not let a worker exceed, whatever a file makes it do.
///
/// There is no limit on its threads: the kernel counts those of all processes of a user together.
enum ProcessLimits {
    static func apply(_ limits: WorkerLimits, slots: Int) {
        set(RLIMIT_AS, soft: memory(limits, slots), hard: memory(limits, limits.slots))
        // It writes no files.
        set(RLIMIT_FSIZE, 0)
        // Five are open, and it opens none.
        set(RLIMIT_NOFILE, 16)
        // No core file: it would hold a stranger's video.
        set(RLIMIT_CORE, 0)
        set(RLIMIT_CPU, soft: processorTime(limits.baseTime), hard: processorTime(limits.maximumTime))
    }

    /// Lets the process use memory for so many parts at once; never sinks, since what it uses it keeps.
    static func applyMemory(_ limits: WorkerLimits, slots: Int) {
        var limit = rlimit()
        let wanted = memory(limits, slots)
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0, wanted > limit.rlim_cur else {
            return
        }
        set(RLIMIT_AS, soft: wanted, hard: .max)
    }

    private static func memory(_ limits: WorkerLimits, _ slots: Int) -> rlim_t {
        rlim_t(limits.memory * min(slots, limits.slots))
    }

    /// `seconds` on the clock on every core; never more than ``WorkerLimits/maximumTime``, which holds for ever.
    static func applyProcessorTime(_ seconds: Double) {
        set(RLIMIT_CPU, soft: processorTime(seconds), hard: .max)
    }

    private static func processorTime(_ seconds: Double) -> rlim_t {
        let cores = Double(max(1, ProcessInfo.processInfo.activeProcessorCount))
        return rlim_t(min(seconds * cores, 1e9))
    }

    private static func set(_ resource: __rlimit_resource, _ value: Int) {
        set(resource, soft: rlim_t(value), hard: rlim_t(value))
    }

    /// Neither limit is raised beyond what the process may ask for.
    private static func set(_ resource: __rlimit_resource, soft: rlim_t, hard: rlim_t) {
        let resource = __rlimit_resource_t(resource.rawValue)
        var limit = rlimit()
        guard unsafe getrlimit(resource, &limit) == 0 else { return }
        limit.rlim_max = min(hard, limit.rlim_max)
        limit.rlim_cur = min(soft, limit.rlim_max)
        unsafe _ = setrlimit(resource, &limit)
    }
}
