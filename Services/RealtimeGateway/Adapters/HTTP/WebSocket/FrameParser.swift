package import NIOCore

/// One WebSocket frame from a client, unmasked.
package struct Frame: Equatable {
    /// RFC 6455 section 5.2.
    package enum Opcode: UInt8 {
        case continuation = 0x0
        case text = 0x1
        case binary = 0x2
        case close = 0x8
        case ping = 0x9
        case pong = 0xA

        var isControl: Bool { rawValue & 0x8 != 0 }
    }

    package var opcode: Opcode
    package var isFinal: Bool
    package var payload: ByteBuffer
}

/// What a peer did against the protocol, and the code with which its connection is closed for it.
package struct WebSocketViolation: Error, Equatable {
    package let code: CloseCode
    package let reason: String

    package init(_ code: CloseCode, _ reason: String) {
        self.code = code
        self.reason = reason
    }
}

/// Cuts the frames out of what a client sends (RFC 6455 section 5.2), however the network cut it.
///
/// It holds nothing between frames, so an idle connection costs no buffer; NIO's own decoder costs a handler, its context
/// and a buffer each.
package struct FrameParser {
    /// The largest payload accepted, in bytes.
    private let maximumLength: Int
    /// Bytes of a frame that is not there wholly; at most one frame and one read.
    private var pending: ByteBuffer?

    package init(maximumLength: Int) {
        self.maximumLength = maximumLength
    }

    /// Adds what was read.
    package mutating func append(_ bytes: ByteBuffer) {
        if pending == nil {
            pending = bytes
        } else {
            // A client whose reads always end inside a frame never lets `pending` run empty.
            pending?.discardReadBytes()
            pending?.writeImmutableBuffer(bytes)
        }
    }

    /// Bytes of memory that are held between reads.
    var capacity: Int { pending?.storageCapacity ?? 0 }

    /// Takes the next whole frame; `nil` if it is not there yet.
    package mutating func next() throws(WebSocketViolation) -> Frame? {
        guard let bytes = pending else { return nil }
        guard let header = try Header(of: bytes, maximumLength: maximumLength),
            bytes.readableBytes >= header.size + header.length
        else {
            if bytes.readableBytes == 0 { pending = nil }
            return nil
        }
        let start = bytes.readerIndex + header.size
        let payload = Self.unmasked(bytes, at: start, length: header.length, key: header.maskingKey)
        pending?.moveReaderIndex(to: start + header.length)
        if pending?.readableBytes == 0 { pending = nil }
        return Frame(opcode: header.opcode, isFinal: header.isFinal, payload: payload)
    }

    /// Copies a payload out of the read buffer, eight bytes at a time, without its mask (RFC 6455 section 5.3).
    private static func unmasked(_ bytes: ByteBuffer, at start: Int, length: Int, key: UInt32) -> ByteBuffer {
        guard length > 0 else { return ByteBuffer() }
        var payload = ByteBufferAllocator().buffer(capacity: length)
        let doubleKey = UInt64(key) << 32 | UInt64(key)
        var offset = 0
        while offset + 8 <= length, let word = bytes.getInteger(at: start + offset, as: UInt64.self) {
            payload.writeInteger(word ^ doubleKey)
            offset += 8
        }
        while offset < length, let byte = bytes.getInteger(at: start + offset, as: UInt8.self) {
            payload.writeInteger(byte ^ UInt8(truncatingIfNeeded: key >> (24 - 8 * UInt32(offset & 3))))
            offset += 1
        }
        return payload
    }
}

// MARK: - The frame header

extension FrameParser {
    /// What stands before a payload, checked.
    private struct Header {
        let opcode: Frame.Opcode
        let isFinal: Bool
        let length: Int
        let maskingKey: UInt32
        /// Bytes of the header itself.
        let size: Int

        /// Reads the header at the start of `bytes`; `nil` if it is not there wholly.
        init?(of bytes: ByteBuffer, maximumLength: Int) throws(WebSocketViolation) {
            let start = bytes.readerIndex
            guard let first = bytes.getInteger(at: start, as: UInt8.self),
                let second = bytes.getInteger(at: start + 1, as: UInt8.self)
            else { return nil }
            guard first & 0x70 == 0 else { throw WebSocketViolation(.protocolError, "reserved bit set") }
            guard let opcode = Frame.Opcode(rawValue: first & 0xF) else {
                throw WebSocketViolation(.protocolError, "unknown opcode")
            }
            // RFC 6455 section 5.1: a server must close on an unmasked frame.
            guard second & 0x80 != 0 else { throw WebSocketViolation(.protocolError, "frame is not masked") }
            self.opcode = opcode
            isFinal = first & 0x80 != 0
            if opcode.isControl, !isFinal || second & 0x7F > 125 {
                throw WebSocketViolation(.protocolError, "control frame is fragmented or too long")
            }
            guard let (length, width) = Self.length(second & 0x7F, of: bytes, at: start + 2) else { return nil }
            guard length <= UInt64(maximumLength) else {
                throw WebSocketViolation(.messageTooLarge, "message is too large")
            }
            guard let key = bytes.getInteger(at: start + 2 + width, as: UInt32.self) else { return nil }
            self.length = Int(length)
            maskingKey = key
            size = 2 + width + 4
        }

        /// The payload's length and the bytes of its extension.
        private static func length(_ short: UInt8, of bytes: ByteBuffer, at index: Int) -> (UInt64, Int)? {
            switch short {
            case 126: bytes.getInteger(at: index, as: UInt16.self).map { (UInt64($0), 2) }
            case 127: bytes.getInteger(at: index, as: UInt64.self).map { ($0, 8) }
            default: (UInt64(short), 0)
            }
        }
    }
}
