import DequeModule
import NIOCore

/// Frames that wait because the client does not read as fast as they come.
struct OutboundBacklog {
    /// A frame, and whether it is an event's delivery, which is counted, or an answer.
    struct Entry {
        let frame: ByteBuffer
        let isDelivery: Bool
    }

    private var entries: Deque<Entry> = []
    private var bytes = 0
    /// How many of the frames are deliveries.
    private(set) var deliveryCount = 0
    /// When the client was last seen to take something.
    var progressedAt: NIODeadline

    init(since now: NIODeadline) {
        progressedAt = now
    }

    /// Adds a frame unless that made more than `limit` bytes wait; returns whether it did.
    mutating func append(_ entry: Entry, limit: Int) -> Bool {
        guard bytes + entry.frame.readableBytes <= limit else { return false }
        entries.append(entry)
        bytes += entry.frame.readableBytes
        if entry.isDelivery { deliveryCount += 1 }
        return true
    }

    mutating func popFirst() -> Entry? {
        guard let entry = entries.popFirst() else { return nil }
        bytes -= entry.frame.readableBytes
        if entry.isDelivery { deliveryCount -= 1 }
        return entry
    }
}
