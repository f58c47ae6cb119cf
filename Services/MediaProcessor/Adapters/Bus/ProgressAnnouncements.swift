import MediaDomain

/// Passes a job's progress on to the bus, at most twice a second, the latest first.
struct ProgressAnnouncements: Sendable {
    /// Says a report, and with one of them that the media can be watched by now; returns whether that was said.
    typealias Announce = @Sendable (JobProgress, Bool) async -> Bool

    /// Reports that come faster than they can be told replace each other.
    private let reports: AsyncStream<JobProgress>
    private let continuation: AsyncStream<JobProgress>.Continuation
    private let interval: Duration

    init(interval: Duration = .milliseconds(500)) {
        (reports, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        self.interval = interval
    }

    /// Takes a report; from any thread, without waiting.
    func report(_ progress: JobProgress) {
        continuation.yield(progress)
    }

    /// Runs `work` and announces what it reports meanwhile.
    ///
    /// Returns when the last announcement is through, so that none follows what the caller says next.
    func during<Result: Sendable>(
        _ work: @Sendable () async -> Result,
        announce: @escaping Announce
    ) async -> Result {
        async let announcing: Void = self.announce(with: announce)
        let result = await work()
        continuation.finish()
        await announcing
        return result
    }

    private func announce(with announce: Announce) async {
        var last: JobProgress?
        var hasToldPlayable = false
        for await report in reports where report != last {
            last = report
            let isPlayable = report.isPlayable == true
            let isNews = isPlayable && !hasToldPlayable
            if await announce(report, isNews), isNews { hasToldPlayable = true }
            // Ends early when the task is cancelled, which costs nothing but the pause.
            try? await Task.sleep(for: interval)
        }
    }
}
