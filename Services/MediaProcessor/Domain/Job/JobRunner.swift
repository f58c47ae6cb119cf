/// Does jobs where their failures cannot hurt the service.
package protocol JobRunner: Sendable {
    /// Runs one job to its end; stops it, as interrupted, when the task is cancelled.
    ///
    /// - Parameters:
    ///   - mayPublish: Asked once, when everything is stored but what makes it visible; without its word nothing is.
    ///   - progress: Called from one thread at a time, with percentages that never go back.
    func run(
        _ job: MediaJob,
        source: MediaSource,
        mayPublish: @escaping @Sendable () async -> Bool,
        progress: @escaping @Sendable (JobProgress) -> Void
    ) async -> JobOutcome

    /// Begins to shut down: running jobs get their time to finish and are then interrupted; new ones are at once.
    func drain()
}
