/// Notices when queues that should be empty fill.
struct QueueGrowth: Sendable {
    private var last: [String: Int] = [:]

    /// How many messages a queue has more than at the last look, or than none at the first; `nil` unless it has more.
    mutating func note(_ count: Int, in queue: String) -> Int? {
        let before = last.updateValue(count, forKey: queue) ?? 0
        return count > before ? count - before : nil
    }
}
