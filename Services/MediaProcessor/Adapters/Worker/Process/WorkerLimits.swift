/// What one job may use before it is stopped.
package struct WorkerLimits: Sendable, Hashable, Codable {
    /// Bytes of address space for each part that is worked on at once.
    package var memory: Int
    /// How many those are at most.
    package var slots = 1
    /// Seconds without a sign of work after which a job counts as hung.
    package var stall: Double
    /// Seconds that any job may take.
    package var baseTime: Double
    /// Seconds more for each second of media.
    package var timeFactor: Double
    /// Seconds that no job may exceed.
    package var maximumTime: Double

    package init(
        memory: Int = 4 << 30,
        slots: Int = 1,
        stall: Double = 120,
        baseTime: Double = 300,
        timeFactor: Double = 60,
        maximumTime: Double = 86_400
    ) {
        self.memory = memory
        self.slots = slots
        self.stall = stall
        self.baseTime = baseTime
        self.timeFactor = timeFactor
        self.maximumTime = maximumTime
    }

    /// Seconds on the clock for a source of `duration` seconds; where it is unknown, as for four hours.
    func time(for duration: Double?) -> Double {
        min(maximumTime, baseTime + timeFactor * (duration.map { max(0, $0) } ?? 4 * 3600))
    }
}
