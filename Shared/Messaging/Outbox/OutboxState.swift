/// What an outbox remembers, under one lock.
struct OutboxState {
    var queue: OutboxQueue
    var lastID: UInt64 = 0
    var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
    var nextWaiter = 0
    /// The last refusal that nobody has been told of.
    var refusal: MessagingError?
    var isRunning = false
    private var isPumping = false
    private var isPumpWanted = false

    init(queue: OutboxQueue) {
        self.queue = queue
    }

    /// False if somebody else pumps, who will go round once more.
    mutating func beginPumping() -> Bool {
        if isPumping { isPumpWanted = true }
        defer { isPumping = true }
        return !isPumping
    }

    mutating func isToPumpAgain() -> Bool {
        defer { isPumpWanted = false }
        isPumping = isPumpWanted
        return isPumping
    }
}
