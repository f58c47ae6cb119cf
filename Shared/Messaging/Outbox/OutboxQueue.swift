import DequeModule

/// What an outbox knows of its rows: which wait, which are with the broker, which may be deleted.
///
/// Decides and does nothing itself; not thread-safe.
struct OutboxQueue {
    /// Rows that are held in memory; further ones stay on disk until there is room.
    let capacity: Int
    /// Messages that are with the broker at once.
    let window: Int

    private var ready: Deque<OutboxEntry> = []
    private var delayed: [(due: ContinuousClock.Instant, entry: OutboxEntry)] = []
    private var inFlight = 0
    /// When each row held here was made.
    private var known: [OutboxID: Int64] = [:]
    private var confirmed: [OutboxID] = []
    private var isDeleting = false
    /// Rows on disk that are not held here, past `cursor`.
    private(set) var hasMore = true
    private(set) var cursor = OutboxID(time: 0, process: 0)
    private var isLoading = false
    /// What a load that is under way may have read although it is gone.
    private var deletedMeanwhile: Set<OutboxID> = []

    init(capacity: Int, window: Int = 512) {
        self.capacity = capacity
        self.window = window
    }

    /// Rows held here, whatever state they are in.
    var count: Int { known.count }
    var hasRoom: Bool { known.count < capacity }
    var isEmpty: Bool { known.isEmpty }
    /// Milliseconds since 1970 of the oldest row held here.
    var oldest: Int64? { known.values.min() }

    // MARK: New rows

    /// A row of ours was committed.
    mutating func add(_ entry: OutboxEntry) {
        guard hasRoom else { return markMore() }
        hold(entry)
    }

    private mutating func hold(_ entry: OutboxEntry) {
        guard known.updateValue(entry.createdAt, forKey: entry.id) == nil else { return }
        ready.append(entry)
    }

    /// There are rows on disk that nobody has shown us.
    mutating func markMore() {
        hasMore = true
        cursor = OutboxID(time: 0, process: 0)
    }

    /// Whether rows should be read from disk now; then ``loaded(_:isLast:)`` or ``loadFailed()`` has to follow.
    mutating func beginLoad() -> Bool {
        guard hasMore, !isLoading, known.count < max(1, capacity / 2) else { return false }
        isLoading = true
        return true
    }

    mutating func loaded(_ entries: [OutboxEntry], isLast: Bool) {
        for entry in entries where !deletedMeanwhile.contains(entry.id) { hold(entry) }
        if let last = entries.last { cursor = last.id }
        if isLast { hasMore = false }
        loadFailed()
    }

    mutating func loadFailed() {
        isLoading = false
        deletedMeanwhile = []
    }

    // MARK: Publishing

    /// The messages to publish now; each has to be followed by ``confirm(_:)`` or ``fail(_:retryingAt:)``.
    mutating func next(now: ContinuousClock.Instant) -> [OutboxEntry] {
        if let first = delayed.first, first.due <= now { wake(now) }
        let lot = min(window - inFlight, ready.count)
        guard lot > 0 else { return [] }
        let entries = Array(ready.prefix(lot))
        ready.removeFirst(lot)
        inFlight += lot
        return entries
    }

    private mutating func wake(_ now: ContinuousClock.Instant) {
        let due = delayed.prefix { $0.due <= now }
        ready.append(contentsOf: due.map(\.entry))
        delayed.removeFirst(due.count)
    }

    /// The broker has it.
    mutating func confirm(_ entry: OutboxEntry) {
        inFlight -= 1
        confirmed.append(entry.id)
    }

    /// The broker did not take it.
    mutating func fail(_ entry: OutboxEntry, retryingAt due: ContinuousClock.Instant) {
        inFlight -= 1
        var entry = entry
        entry.failures += 1
        // Mostly the latest, so the search is short.
        let index = delayed.lastIndex { $0.due <= due }.map { $0 + 1 } ?? 0
        delayed.insert((due, entry), at: index)
    }

    // MARK: Deleting

    /// The rows to delete, one lot at a time; ``deleted(_:)`` or ``deletionFailed(_:)`` has to follow.
    mutating func takeDeletable(atMost limit: Int = 1000) -> [OutboxID]? {
        guard !isDeleting, !confirmed.isEmpty else { return nil }
        isDeleting = true
        let lot = Array(confirmed.prefix(limit))
        confirmed.removeFirst(lot.count)
        return lot
    }

    mutating func deleted(_ ids: [OutboxID]) {
        isDeleting = false
        for id in ids { known[id] = nil }
        if isLoading { deletedMeanwhile.formUnion(ids) }
    }

    mutating func deletionFailed(_ ids: [OutboxID]) {
        isDeleting = false
        confirmed.append(contentsOf: ids)
    }
}
