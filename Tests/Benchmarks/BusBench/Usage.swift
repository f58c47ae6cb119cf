import Foundation

/// What a number of messages cost.
struct Usage: Sendable {
    private let start = ContinuousClock.now
    private let startCPU = Self.cpuSeconds

    /// The whole process's, user and system together.
    private static var cpuSeconds: Double {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        let microseconds = usage.ru_utime.tv_usec + usage.ru_stime.tv_usec
        return Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) + Double(microseconds) / 1e6
    }

    /// Since the start, in the spelling of `amqp.c`.
    func report(_ messages: Int) -> String {
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        let microseconds = (Self.cpuSeconds - startCPU) * 1e6 / Double(messages)
        return String(format: #"{"per_second": %.0f, "cpu_us": %.3f}"#, Double(messages) / seconds, microseconds)
    }
}
