import NIOCore

/// The channel of a connection that was something else before it became a WebSocket.
final class ChannelTransport: WebSocketTransport {
    private let context: ChannelHandlerContext
    /// The channel's, if it has a socket.
    ///
    /// The channel owns it, and tells when it closes it before anything else can happen on its loop.
    private let descriptor: CInt?
    /// Whether the channel has been given something that may still wait in it, as the answer to the upgrade was.
    private var mayWait = true

    init(_ context: ChannelHandlerContext) {
        self.context = context
        descriptor = try? context.pipeline.syncOperations
            .withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self) { $0 }
    }

    var isWritable: Bool { context.channel.isWritable }

    var isEmpty: Bool {
        if mayWait { mayWait = (try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) != 0 }
        return !mayWait
    }

    func send(_ bytes: ByteBuffer) {
        var rest = bytes
        // Where the connection is broken the channel hears of it.
        if isEmpty, let descriptor { rest.moveReaderIndex(forwardBy: SocketCalls.send(bytes, to: descriptor) ?? 0) }
        guard rest.readableBytes > 0 else { return }
        write(rest)
        flush()
    }

    func write(_ bytes: ByteBuffer) {
        mayWait = true
        context.write(NIOAny(bytes), promise: nil)
    }

    func flush() { context.flush() }

    func setReading(_ isReading: Bool) {
        try? context.channel.syncOptions?.setOption(.autoRead, value: isReading)
    }

    func closeOutput() { context.close(mode: .output, promise: nil) }

    func close() { context.close(promise: nil) }
}
