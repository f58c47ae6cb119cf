/// Decides when a child has to end: no child runs for ever, says nothing for long, or outlives the service.
///
/// Times count from the child's start.
struct WorkerSupervision {
    private let limits: WorkerLimits
    private var lastHeard = 0.0
    private var deadline: Double
    /// When the service wants it gone, if it does.
    var drainDeadline: Double?

    init(limits: WorkerLimits) {
        self.limits = limits
        // Until it has told what the file holds, a child has the time that any job has.
        deadline = min(limits.baseTime, limits.maximumTime)
    }

    /// The child has said something.
    mutating func heard(at elapsed: Double) {
        lastHeard = elapsed
    }

    /// The child has told how long its media is.
    mutating func probed(duration: Double?) {
        deadline = limits.time(for: duration)
    }

    /// Why it has to end now, if it has to.
    func verdict(at elapsed: Double) -> WorkerExit.Cause? {
        if let drainDeadline, elapsed >= drainDeadline { return .drained }
        if elapsed >= deadline { return .overtime }
        if elapsed - lastHeard >= limits.stall { return .stalled }
        return nil
    }
}
