package import Foundation

/// Does jobs where their failures cannot hurt the service.
package protocol JobRunner: Sendable {
    /// Runs one job to its end; stops it, as interrupted, when the task is cancelled.
    ///
    /// - Parameters:
    ///   - parts: What earlier attempts made, and where to note what this one does.
    ///   - slots: How many parts may be worked on at once.
    ///   - mayPublish: Asked before anything becomes visible, and again when that takes long; without its word nothing is.
    ///   - progress: Called from one thread at a time, with percentages that never go back.
    func run(
        _ job: MediaJob,
        source: MediaSource,
        parts: PartRecord,
        slots: PartSlots,
        mayPublish: @escaping @Sendable () async -> Bool,
        progress: @escaping @Sendable (JobProgress) -> Void
    ) async -> JobOutcome

    /// Has a running job stop behind the parts that it works on; one without parts goes on to its end.
    func yield(_ eventID: UUID)

    /// Begins to shut down: running jobs get their time to finish and are then interrupted; new ones are at once.
    func drain()
}
