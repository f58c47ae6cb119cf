/// Counts the parts of a job that are made, in whatever order.
struct PartCounter {
    private var made: Set<Int> = []
    private var total: Int

    init(planned: Int = 0) { total = planned }

    /// Takes a part, be it made for the second time.
    mutating func add(_ part: PartResult) {
        made.insert(part.plan.index)
        // The source may end before its last part was planned to.
        if part.presentationEnd != nil { total = min(total, part.plan.index + 1) }
    }

    var parts: JobProgress.Parts { JobProgress.Parts(done: made.count { $0 < total }, total: total) }
}
