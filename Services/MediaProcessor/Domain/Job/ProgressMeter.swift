/// Turns what a job reports into percent of the whole and the time it still needs.
///
/// Never goes back: a report behind the last one repeats it.
package struct ProgressMeter: Sendable {
    private var last = JobProgress(stage: .probing, percent: 0)
    /// When transcoding was first reported, and how far it was then.
    private var started: (elapsed: Duration, fraction: Double)?

    package init() {}

    /// How many parts are done; told with every report from now on.
    package var parts: JobProgress.Parts?
    /// Whether it can be watched; told with every report from now on.
    package var isPlayable = false

    /// The last report, with what is known by now.
    package var repeated: JobProgress {
        var report = last
        report.parts = parts
        report.isPlayable = isPlayable ? true : nil
        return report
    }

    /// Takes a report: `fraction` of `stage` is done, `elapsed` after the job began.
    package mutating func advance(_ stage: JobProgress.Stage, fraction: Double, elapsed: Duration) -> JobProgress {
        let fraction = min(1, max(0, fraction.isFinite ? fraction : 0))
        let span = Self.span(of: stage)
        let percent = span.lowerBound + (span.upperBound - span.lowerBound) * fraction
        let eta = stage == .transcoding ? remaining(fraction, elapsed) : nil
        last = JobProgress(
            stage: max(stage, last.stage),
            // A tenth of a percent is as fine as anybody can see.
            percent: max(last.percent, (percent * 10).rounded(.down) / 10),
            etaSeconds: eta,
            parts: parts,
            isPlayable: isPlayable ? true : nil
        )
        return last
    }

    /// Nearly all of a job is transcoding.
    private static func span(of stage: JobProgress.Stage) -> ClosedRange<Double> {
        switch stage {
        case .probing: 0...1
        case .transcoding: 1...97
        case .packaging: 97...98
        case .publishing: 98...100
        }
    }

    /// Seconds at the pace so far; `nil` until a second of work has shown one.
    private mutating func remaining(_ fraction: Double, _ elapsed: Duration) -> Double? {
        guard let started else {
            started = (elapsed, fraction)
            return nil
        }
        let spent = (elapsed - started.elapsed) / .seconds(1)
        let done = fraction - started.fraction
        guard spent >= 1, done > 0.005 else { return nil }
        return ((1 - fraction) * spent / done * 10).rounded() / 10
    }
}
