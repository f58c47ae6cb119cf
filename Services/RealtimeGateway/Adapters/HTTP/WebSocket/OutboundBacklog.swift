import DequeModule
import NIOCore

/// Frames that wait because the client does not read as fast as they come.
///
/// Frames that must arrive may fill it; those that may be dropped have a quarter of it, and make way for the others.
struct OutboundBacklog {
    /// A frame, with where its delivery is counted if it is an event's and not an answer.
    struct Entry {
        let frame: ByteBuffer
        let policy: DeliveryPolicy
        let counters: DeliveryCounters?
        /// Its place among all entries.
        fileprivate(set) var turn = 0

        init(_ frame: ByteBuffer, _ policy: DeliveryPolicy = .mustArrive, _ counters: DeliveryCounters? = nil) {
            self.frame = frame
            self.policy = policy
            self.counters = counters
        }
    }

    private var lasting: Deque<Entry> = []
    private var fleeting: Deque<Entry> = []
    private(set) var bytes = 0
    private var fleetingBytes = 0
    private var turn = 0
    /// Whether a frame was dropped that may be.
    private(set) var hasDropped = false
    /// When the client was last seen to take something.
    var progressedAt: NIODeadline

    init(since now: NIODeadline) {
        progressedAt = now
    }

    var isEmpty: Bool { lasting.isEmpty && fleeting.isEmpty }

    /// Adds a frame if no more than `limit` bytes then wait; those that may be dropped are, and counted.
    ///
    /// - Returns: Whether the client may stay: a frame that must arrive has found room.
    mutating func append(_ entry: Entry, limit: Int) -> Bool {
        var entry = entry
        let size = entry.frame.readableBytes
        turn += 1
        entry.turn = turn
        if entry.policy == .mayDrop {
            makeRoom { $0.fleetingBytes + size > limit / 4 || $0.bytes + size > limit }
            guard fleetingBytes + size <= limit / 4, bytes + size <= limit else {
                drop(entry)
                return true
            }
            fleeting.append(entry)
            fleetingBytes += size
        } else {
            makeRoom { $0.bytes + size > limit }
            guard bytes + size <= limit else { return false }
            lasting.append(entry)
        }
        bytes += size
        return true
    }

    /// Drops the oldest frames that may be, as long as it is too full.
    private mutating func makeRoom(_ isTooFull: (OutboundBacklog) -> Bool) {
        while isTooFull(self), let oldest = fleeting.popFirst() {
            bytes -= oldest.frame.readableBytes
            fleetingBytes -= oldest.frame.readableBytes
            drop(oldest)
        }
    }

    private mutating func drop(_ entry: Entry) {
        entry.counters?.dropped(1, .slowConsumer)
        hasDropped = true
    }

    /// The frame that has waited longest.
    var first: Entry? { isFleetingFirst ? fleeting.first : lasting.first }

    private var isFleetingFirst: Bool { (fleeting.first?.turn ?? .max) < (lasting.first?.turn ?? .max) }

    /// Takes the frame that has waited longest.
    mutating func popFirst() -> Entry? {
        let isFleeting = isFleetingFirst
        guard let entry = isFleeting ? fleeting.popFirst() : lasting.popFirst() else { return nil }
        bytes -= entry.frame.readableBytes
        if isFleeting { fleetingBytes -= entry.frame.readableBytes }
        return entry
    }

    /// Counts every delivery that waits as dropped.
    func dropAll(_ reason: DeliveryCounters.DropReason) {
        for entry in lasting { entry.counters?.dropped(1, reason) }
        for entry in fleeting { entry.counters?.dropped(1, reason) }
    }
}
