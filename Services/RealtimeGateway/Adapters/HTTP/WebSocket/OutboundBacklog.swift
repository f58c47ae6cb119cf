import DequeModule
import NIOCore

/// Frames that wait because the client does not read as fast as they come.
struct OutboundBacklog {
    private var frames: Deque<ByteBuffer> = []
    private(set) var bytes = 0
    /// When the client was last seen to take something.
    var progressedAt: NIODeadline

    init(since now: NIODeadline) {
        progressedAt = now
    }

    var isEmpty: Bool { frames.isEmpty }
    var count: Int { frames.count }

    /// Adds a frame unless that made more than `limit` bytes wait; returns whether it did.
    mutating func append(_ frame: ByteBuffer, limit: Int) -> Bool {
        guard bytes + frame.readableBytes <= limit else { return false }
        frames.append(frame)
        bytes += frame.readableBytes
        return true
    }

    mutating func popFirst() -> ByteBuffer? {
        guard let frame = frames.popFirst() else { return nil }
        bytes -= frame.readableBytes
        return frame
    }
}
