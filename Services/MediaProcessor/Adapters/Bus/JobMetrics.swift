import MediaDomain
import Metrics

/// What the processor counts.
package struct JobMetrics: Sendable {
    private let inFlight = Meter(label: "media_jobs_in_flight")
    private let mediaSeconds = FloatingPointCounter(label: "media_seconds_total")
    private let workSeconds = FloatingPointCounter(label: "media_work_seconds_total")
    private let processorSeconds = FloatingPointCounter(label: "media_cpu_seconds_total")
    private let speed = Recorder(label: "media_seconds_per_second", aggregate: true)

    package init() {
        inFlight.set(0)
    }

    func began() { inFlight.increment(by: 1) }

    /// Counts a job that took `seconds`.
    ///
    /// - Parameter isCancelled: Whether nobody wanted it any more.
    func ended(_ outcome: JobOutcome, isCancelled: Bool, after seconds: Double) {
        inFlight.decrement(by: 1)
        let word = isCancelled ? MediaError.Reason.cancelled.rawValue : outcome.word
        Counter(label: "media_jobs_total", dimensions: [("outcome", word)]).increment()
        workSeconds.increment(by: seconds)
        if case .made(let asset) = outcome, seconds > 0 {
            mediaSeconds.increment(by: asset.duration)
            speed.record(asset.duration / seconds)
        }
    }

    /// Notes what keeps workers from doing anything but their work.
    package func confined(landlock: Int, seccomp: Bool) {
        Meter(label: "media_worker_confinement", dimensions: [("by", "landlock")]).set(landlock)
        Meter(label: "media_worker_confinement", dimensions: [("by", "seccomp")]).set(seccomp ? 1 : 0)
    }

    /// Counts seconds of processor time that a worker has used.
    package func used(processorTime seconds: Double) {
        processorSeconds.increment(by: seconds)
    }
}

extension JobOutcome {
    /// `made`, `replaced`, `interrupted`, or the reason of the failure.
    var word: String {
        switch self {
        case .made: "made"
        case .replaced: "replaced"
        case .failed(let error): error.reason.rawValue
        case .interrupted: "interrupted"
        case .yielded: "yielded"
        case .killed: "killed"
        }
    }
}
