/// What one job may use before it is stopped.
package struct WorkerLimits: Sendable, Hashable, Codable {
    /// Bytes of address space.
    package var memory: Int
    /// Bytes of the largest file that may be written.
    package var fileSize: Int
    /// Seconds of silence after which a job counts as hung.
    package var stall: Double
    /// Seconds that any job may take.
    package var baseTime: Double
    /// Seconds more for each second of media.
    package var timeFactor: Double

    package init(
        memory: Int = 4 << 30,
        fileSize: Int = 1 << 30,
        stall: Double = 120,
        baseTime: Double = 300,
        timeFactor: Double = 60
    ) {
        self.memory = memory
        self.fileSize = fileSize
        self.stall = stall
        self.baseTime = baseTime
        self.timeFactor = timeFactor
    }

    /// Seconds on the clock for a source of `duration` seconds; where it is unknown, as for four hours.
    func time(for duration: Double?) -> Double {
        baseTime + timeFactor * (duration.map { max(0, $0) } ?? 4 * 3600)
    }
}
