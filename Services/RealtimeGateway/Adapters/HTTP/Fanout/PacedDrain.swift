import NIOCore

/// Spreads the closing of many connections over time: phoenix.js reconnects without jitter, so a node that let all its
/// clients go at once would send them to its neighbours at once.
struct PacedDrain {
    static let interval = TimeAmount.milliseconds(20)

    private let duration: TimeAmount
    private var waiting: [any ClientConnection] = []
    private var deadline: NIODeadline?

    init(duration: TimeAmount) {
        self.duration = duration
    }

    var isEmpty: Bool { waiting.isEmpty }

    /// Adds a connection; returns whether the drain has to be started.
    mutating func append(_ connection: any ClientConnection, now: NIODeadline) -> Bool {
        if deadline == nil { deadline = now + duration }
        waiting.append(connection)
        return waiting.count == 1
    }

    /// Takes as many as must go now for the last to go in time.
    mutating func next(_ now: NIODeadline) -> [any ClientConnection] {
        let left = max(((deadline ?? now) - now).nanoseconds / Self.interval.nanoseconds, 1)
        let count = min(waiting.count, (waiting.count + Int(left) - 1) / Int(left))
        let due = Array(waiting.suffix(count))
        waiting.removeLast(count)
        return due
    }
}
