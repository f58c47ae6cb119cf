/// What whoever makes a job's parts starts from.
package struct PartWork: Sendable {
    /// What earlier attempts made.
    package var finished: [PartResult]
    package var slots: PartSlots

    package init(finished: [PartResult] = [], slots: PartSlots = PartSlots()) {
        self.finished = finished
        self.slots = slots
    }
}
