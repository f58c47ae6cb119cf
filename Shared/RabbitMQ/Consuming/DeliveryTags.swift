import DequeModule

/// What one channel has handed out, and how far it is settled: decides which acknowledgements are sent.
struct DeliveryTags {
    /// One `basic.ack`.
    struct Acknowledgement: Hashable {
        var tag: UInt64
        /// It stands for every unsettled delivery up to its own.
        var isMultiple: Bool
    }

    private enum State {
        case handedOut
        /// Acknowledged by its handler; the broker does not know.
        case acknowledged
        case settled
    }

    /// The tag of the first state.
    private var first: UInt64 = 1
    private var states = Deque<State>()
    /// Acknowledged since ``takeAcknowledgements()``.
    private var acknowledged: [UInt64] = []
    /// How many are handed out and not settled.
    private(set) var unsettledCount = 0

    /// Notes a delivery; false if its tag is not the next one, as it is on every channel of RabbitMQ.
    mutating func insert(_ tag: UInt64) -> Bool {
        guard tag == first + UInt64(states.count) else { return false }
        states.append(.handedOut)
        unsettledCount += 1
        return true
    }

    /// Notes that a delivery is to be acknowledged; only the first word on it counts.
    mutating func acknowledge(_ tag: UInt64) {
        if settle(tag, as: .acknowledged) { acknowledged.append(tag) }
    }

    /// Notes that a delivery goes back to its queue; false if it is settled already.
    mutating func requeue(_ tag: UInt64) -> Bool { settle(tag, as: .settled) }

    private mutating func settle(_ tag: UInt64, as state: State) -> Bool {
        guard let index = index(of: tag), states[index] == .handedOut else { return false }
        states[index] = state
        unsettledCount -= 1
        return true
    }

    private func index(of tag: UInt64) -> Int? {
        tag >= first && tag - first < UInt64(states.count) ? Int(tag - first) : nil
    }

    /// What is handed out and not settled, in order.
    var unsettled: [UInt64] {
        states.indices.filter { states[$0] == .handedOut }.map { first + UInt64($0) }
    }

    /// What to tell the broker now: one word for all up to the first unsettled delivery, and one for each beyond it.
    mutating func takeAcknowledgements() -> [Acknowledgement] {
        defer { acknowledged = [] }
        var result = takeSettledFront().map { [$0] } ?? []
        for tag in acknowledged {
            guard let index = index(of: tag) else { continue }
            states[index] = .settled
            result.append(Acknowledgement(tag: tag, isMultiple: false))
        }
        return result
    }

    private mutating func takeSettledFront() -> Acknowledgement? {
        var (last, count): (UInt64, Int) = (0, 0)
        while let state = states.first, state != .handedOut {
            states.removeFirst()
            if state == .acknowledged { (last, count) = (first, count + 1) }
            first += 1
        }
        return count > 0 ? Acknowledgement(tag: last, isMultiple: count > 1) : nil
    }
}
