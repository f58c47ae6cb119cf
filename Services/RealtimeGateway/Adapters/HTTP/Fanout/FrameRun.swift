import NIOCore

/// The frames that the subscribers of one topic and protocol are sent in one turn of the loop.
///
/// Most of them get all of these and nothing else, so that the frames are joined once and each connection hands the same bytes
/// to the kernel in one system call, without a buffer or a list of its own.
package final class FrameRun {
    /// Bytes beyond which it takes no more: from there on every connection is asked whether it has room.
    private static let maximumBytes = 32_768
    /// With fewer subscribers than these it costs more than it saves.
    static let leastSubscribers = 4

    private var frames: [ByteBuffer] = []
    private var bytes = 0
    /// What was asked for last, and most likely is again.
    private var joined: (range: Range<Int>, bytes: ByteBuffer)?

    var count: Int { frames.count }

    init() {}

    /// - Returns: Whether there was room for it.
    func append(_ frame: ByteBuffer) -> Bool {
        guard bytes + frame.readableBytes <= Self.maximumBytes else { return false }
        bytes += frame.readableBytes
        frames.append(frame)
        return true
    }

    /// Some of the frames, in one piece.
    func bytes(of range: Range<Int>) -> ByteBuffer {
        if let joined, joined.range == range { return joined.bytes }
        var made = ByteBuffer()
        if range.count == 1 {
            made = frames[range.lowerBound]
        } else {
            made.reserveCapacity(frames[range].reduce(0) { $0 + $1.readableBytes })
            for frame in frames[range] { made.writeImmutableBuffer(frame) }
        }
        joined = (range, made)
        return made
    }
}

/// What one connection is sent of a run, from the frame with which it began.
struct RunShare {
    private var run: FrameRun?
    private var start: Int32 = 0
    private var end: Int32 = 0

    /// Takes the newest frame of a run as the first.
    mutating func begin(_ newest: FrameRun) {
        run = newest
        end = Int32(truncatingIfNeeded: newest.count)
        start = end - 1
    }

    /// Takes the newest frame of a run behind those that were taken before; returns false where they do not adjoin.
    mutating func extend(_ newest: FrameRun) -> Bool {
        let count = Int32(truncatingIfNeeded: newest.count)
        guard run === newest, end == count - 1 else { return false }
        end = count
        return true
    }

    /// Hands over all that was taken, and lets go of it.
    mutating func take() -> ByteBuffer? {
        defer { run = nil }
        return run?.bytes(of: Int(start)..<Int(end))
    }
}
