/// The bounds of one WebSocket connection.
package struct ConnectionLimits: Sendable, Hashable {
    /// Bytes of the largest message accepted, fragments together; a larger one closes with 1009.
    package var messageBytes: Int
    /// Bytes that may wait for a client that does not read; one more closes it with 1013.
    package var outboundBytes: Int
    /// How long a client may leave everything unread before it is closed with 1013.
    package var stall: Duration
    /// How long a client may be silent before its connection is closed.
    package var idle: Duration
    /// How long a peer may take to answer a close frame before the connection is cut.
    package var closing: Duration
    /// Bytes of the kernel's send buffer; Linux doubles it for its own bookkeeping (tcp(7)).
    ///
    /// Without it the kernel alone pins up to 4 MB for a client that has stopped reading.
    package var socketSendBytes: Int

    package init(
        messageBytes: Int = 131_072,
        outboundBytes: Int = 1 << 20,
        stall: Duration = .seconds(30),
        idle: Duration = .seconds(60),
        closing: Duration = .seconds(5),
        socketSendBytes: Int = 65536
    ) {
        self.messageBytes = messageBytes
        self.outboundBytes = outboundBytes
        self.stall = stall
        self.idle = idle
        self.closing = closing
        self.socketSendBytes = socketSendBytes
    }
}

extension ConnectionLimits {
    /// Bytes that the transport may hold unsent before frames go to the connection's own backlog.
    var outboundWatermark: Int { min(outboundBytes, 65536) }
}
