import Synchronization

/// Requests that wait to be written, in the order in which they came.
final class RequestQueue: Sendable {
    struct Entry: Sendable {
        var request: ConversationRequest
        let answer: @Sendable (Result<ConversationEvent, Refusal>) -> Void
    }

    private struct State {
        var entries: [Entry] = []
        var ids = AscendingIDs()
        var isFinished = false
        var taker: CheckedContinuation<[Entry]?, Never>?
    }

    /// Requests of one transaction.
    private static let lot = 512

    private let capacity: Int
    private let state = Mutex(State())

    /// - Parameter capacity: Requests beyond it are not taken.
    init(capacity: Int) {
        self.capacity = capacity
    }

    /// Adds a request and gives it its id, so that ids ascend in the order in which requests are carried out; returns
    /// whether there was room for it.
    func append(_ entry: Entry) -> Bool {
        let taker = state.withLock { state -> (accepted: Bool, wake: CheckedContinuation<[Entry]?, Never>?) in
            guard state.entries.count < capacity, !state.isFinished else { return (false, nil) }
            var entry = entry
            entry.request.id = state.ids.next(at: entry.request.at)
            state.entries.append(entry)
            defer { state.taker = nil }
            return (true, state.taker)
        }
        taker.wake?.resume(returning: take())
        return taker.accepted
    }

    /// Takes what waits, or waits for something; `nil` once the queue is finished and empty.
    ///
    /// For one taker.
    func next() async -> [Entry]? {
        await withCheckedContinuation { continuation in
            let isReady = state.withLock { state in
                guard state.entries.isEmpty, !state.isFinished else { return true }
                state.taker = continuation
                return false
            }
            if isReady { continuation.resume(returning: take()) }
        }
    }

    private func take() -> [Entry]? {
        state.withLock { state in
            guard !state.entries.isEmpty else { return nil }
            let lot = Array(state.entries.prefix(Self.lot))
            state.entries.removeFirst(lot.count)
            return lot
        }
    }

    /// Takes no more requests; what waits is still given out.
    func finish() {
        let taker = state.withLock { state in
            state.isFinished = true
            defer { state.taker = nil }
            return state.taker
        }
        taker?.resume(returning: nil)
    }
}
