/// What whoever ordered an asset hears while it is built; called from several threads, one call at a time for each.
package struct BuildEvents: Sendable {
    /// Once, with what the file holds, before the work begins.
    package var probed: @Sendable (SourceDescription) -> Void = { _ in }
    /// How much of a stage is done.
    package var progressed: @Sendable (JobProgress.Stage, Double) -> Void = { _, _ in }
    /// How many parts are done, of how many there will be at most.
    package var partsCounted: @Sendable (JobProgress.Parts) -> Void = { _ in }
    /// A part is stored: a job that is taken up again need not make it anew, once this returns.
    package var partStored: @Sendable (StoredPart) -> Void = { _ in }
    /// The master playlist can be played, though not all is made.
    package var playable: @Sendable () -> Void = {}
    /// Asked behind each part: whether the job is to stop there.
    package var mustYield: @Sendable () -> Bool = { false }

    package init() {}
}
