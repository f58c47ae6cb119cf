package import ObjectStorage

/// Does jobs where their failures cannot hurt the service.
package protocol JobRunner: Sendable {
    /// Runs one job to its end.
    ///
    /// `progress` is called from one thread at a time, with percentages that never go back.
    func run(
        _ job: MediaJob,
        source: OpenFile,
        progress: @escaping @Sendable (JobProgress) -> Void
    ) async -> JobOutcome

    /// Begins to shut down: running jobs get their time to finish and are then interrupted; new ones are at once.
    func drain()
}
