/// What somebody who works on a job asks of whoever leased it.
package struct JobDesk: Sendable {
    /// What earlier attempts made, and where to note what this one does.
    package let parts: PartRecord
    /// How many parts may be worked on at once.
    package let slots: PartSlots
    /// Decides where the job's objects go, told the prefix of what is published; `nil` if the job is somebody else's by
    /// now.
    package let place: @Sendable (_ published: String?) async -> String?
    /// Asked before anything becomes visible, and again when that takes long, told the prefix of the version whose place it takes;
    /// without its word nothing becomes visible.
    package let mayPublish: @Sendable (_ replacing: String?) async -> Bool
    /// Called from one thread at a time, with percentages that never go back.
    package let progress: @Sendable (JobProgress) -> Void

    package init(
        parts: PartRecord = PartRecord(),
        slots: PartSlots = PartSlots(),
        place: @escaping @Sendable (_ published: String?) async -> String?,
        mayPublish: @escaping @Sendable (_ replacing: String?) async -> Bool,
        progress: @escaping @Sendable (JobProgress) -> Void
    ) {
        self.parts = parts
        self.slots = slots
        self.place = place
        self.mayPublish = mayPublish
        self.progress = progress
    }
}
