import NIOCore

/// What carries the bytes of a WebSocket; touched on its event loop only.
protocol WebSocketTransport: AnyObject {
    /// Whether it holds so little that more may be written; the connection is told when that changes.
    var isWritable: Bool { get }

    /// Whether nothing waits that was written.
    var isEmpty: Bool { get }

    /// Hands bytes to the kernel at once, or as soon as all that waits has gone.
    func send(_ bytes: ByteBuffer)

    /// Has bytes wait behind all that was written.
    func write(_ bytes: ByteBuffer)

    /// Hands what waits to the kernel, now or when it has room.
    func flush()

    func setReading(_ isReading: Bool)

    /// Says no more once all that was flushed has gone.
    func closeOutput()

    /// Ends the connection at once.
    func close()
}
