import NIOCore

/// Hands out a fresh receive buffer for each read, so that an idle connection holds none.
///
/// NIO keeps the first buffer of each channel for good and reuses it; so the first is as small as can be. With one message
/// per read the others are given back as soon as their bytes have been parsed.
struct ReceiveBuffers: RecvByteBufferAllocator {
    private static let smallest = 16
    private static let ordinary = 4096
    private var hasRead = false

    func buffer(allocator: ByteBufferAllocator) -> ByteBuffer {
        allocator.buffer(capacity: hasRead ? Self.ordinary : Self.smallest)
    }

    /// Answers that the next buffer may be larger, which keeps NIO from reusing the first.
    mutating func record(actualReadBytes: Int) -> Bool {
        hasRead = true
        return true
    }
}
