import NIOCore

/// The answers that a client owes, each until its time is over.
struct PendingAnswers {
    typealias Completion = (Result<SocketAnswer, SocketAnswerFailure>) -> Void

    private let limit: Int
    private var entries: [UInt64: (deadline: NIODeadline, completion: Completion)] = [:]
    private var nextID: UInt64 = 0
    /// When the first may be overdue.
    private(set) var deadline: NIODeadline?

    init(limit: Int) {
        self.limit = limit
    }

    /// Adds one; returns the id by which the client answers, or `nil` if it owes too many.
    mutating func add(until end: NIODeadline, _ completion: @escaping Completion) -> UInt64? {
        guard entries.count < limit else { return nil }
        defer { nextID += 1 }
        entries[nextID] = (end, completion)
        deadline = deadline.map { min($0, end) } ?? end
        return nextID
    }

    mutating func take(_ id: UInt64) -> Completion? {
        let entry = entries.removeValue(forKey: id)
        if entries.isEmpty { deadline = nil }
        return entry?.completion
    }

    mutating func takeOverdue(_ now: NIODeadline) -> [Completion] {
        guard let deadline, now >= deadline else { return [] }
        let overdue = entries.filter { now >= $0.value.deadline }
        for id in overdue.keys { entries[id] = nil }
        self.deadline = entries.values.map(\.deadline).min()
        return overdue.sorted { $0.key < $1.key }.map(\.value.completion)
    }

    mutating func takeAll() -> [Completion] {
        defer { entries = [:] }
        return entries.sorted { $0.key < $1.key }.map(\.value.completion)
    }
}
