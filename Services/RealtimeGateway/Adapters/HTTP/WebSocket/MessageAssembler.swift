package import NIOCore

/// A whole message of a client.
package enum ClientMessage: Equatable {
    /// Valid UTF-8.
    case text(ByteBuffer)
    case binary(ByteBuffer)

    var bytes: ByteBuffer {
        switch self {
        case .text(let bytes), .binary(let bytes): bytes
        }
    }
}

/// Puts fragments together into messages (RFC 6455 section 5.4), up to a bound.
package struct MessageAssembler {
    private let maximumLength: Int
    /// The message whose last fragment is still to come.
    private var fragments: Frame?

    package init(maximumLength: Int) {
        self.maximumLength = maximumLength
    }

    /// Takes a data frame; returns the message it completes.
    package mutating func accept(_ frame: Frame) throws(WebSocketViolation) -> ClientMessage? {
        let whole = frame.opcode == .continuation ? try joined(frame) : try started(frame)
        guard whole.isFinal else {
            fragments = whole
            return nil
        }
        fragments = nil
        guard whole.opcode == .text else { return .binary(whole.payload) }
        // RFC 6455 section 8.1: text that is not UTF-8 fails the connection.
        guard (try? UTF8Span(validating: whole.payload.readableBytesUInt8Span)) != nil else {
            throw WebSocketViolation(.invalidText, "text is not UTF-8")
        }
        return .text(whole.payload)
    }

    private func started(_ frame: Frame) throws(WebSocketViolation) -> Frame {
        guard fragments == nil else {
            throw WebSocketViolation(.protocolError, "new message inside a fragmented one")
        }
        return frame
    }

    private mutating func joined(_ frame: Frame) throws(WebSocketViolation) -> Frame {
        guard var whole = fragments else {
            throw WebSocketViolation(.protocolError, "continuation of nothing")
        }
        guard whole.payload.readableBytes + frame.payload.readableBytes <= maximumLength else {
            throw WebSocketViolation(.messageTooLarge, "message is too large")
        }
        fragments = nil
        whole.payload.writeImmutableBuffer(frame.payload)
        whole.isFinal = frame.isFinal
        return whole
    }
}
