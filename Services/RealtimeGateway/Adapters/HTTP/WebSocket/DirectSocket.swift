import Glibc
import NIOCore

/// The way to the kernel past a channel, for who sends so little to so many that the channel's share of the cost shows.
///
/// It may only be used on the channel's event loop, until the channel is inactive: the channel owns the descriptor and closes
/// it, and tells so before anything else can happen on its loop. Nothing may wait in the channel, whose turn it would be.
struct DirectSocket {
    private let descriptor: CInt

    /// `nil` if the channel has no socket.
    init?(_ context: ChannelHandlerContext) {
        let transport = try? context.pipeline.syncOperations
            .withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self) { $0 }
        guard let descriptor = transport else { return nil }
        self.descriptor = descriptor
    }

    /// Returns how many of the bytes the kernel took: none if it has no room, or if the connection is broken, which whoever
    /// writes to the channel then hears.
    func send(_ bytes: ByteBuffer) -> Int {
        unsafe bytes.withUnsafeReadableBytes { bytes in
            let flags = CInt(MSG_NOSIGNAL | MSG_DONTWAIT)
            return unsafe max(Glibc.send(descriptor, bytes.baseAddress, bytes.count, flags), 0)
        }
    }
}
