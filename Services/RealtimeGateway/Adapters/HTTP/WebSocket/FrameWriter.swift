package import NIOCore

/// Builds server frames: unmasked and never fragmented (RFC 6455 section 5.2).
package enum FrameWriter {
    /// Room for the longest header of an unmasked frame.
    private static let headerRoom = 10

    /// Builds a text frame whose payload `write` appends, in one allocation.
    package static func text(capacity: Int, _ write: (inout ByteBuffer) -> Void) -> ByteBuffer {
        frame(.text, capacity: capacity, write)
    }

    /// Builds a binary frame whose payload `write` appends.
    package static func binary(capacity: Int, _ write: (inout ByteBuffer) -> Void) -> ByteBuffer {
        frame(.binary, capacity: capacity, write)
    }

    package static func pong(_ payload: ByteBuffer) -> ByteBuffer {
        frame(.pong, capacity: payload.readableBytes) { $0.writeImmutableBuffer(payload) }
    }

    /// Builds a close frame; the reason is cut to the 123 bytes a control frame has for it.
    package static func close(_ code: CloseCode, _ reason: String = "") -> ByteBuffer {
        frame(.close, capacity: 125) { buffer in
            guard code != .noStatus else { return }
            buffer.writeInteger(code.rawValue)
            buffer.writeBytes(reason.utf8.prefix(123))
        }
    }

    /// Builds a close frame that names no code, in answer to one that named none.
    package static func closeWithoutCode() -> ByteBuffer {
        frame(.close, capacity: 0) { _ in }
    }

    private static func frame(
        _ opcode: Frame.Opcode,
        capacity: Int,
        _ write: (inout ByteBuffer) -> Void
    ) -> ByteBuffer {
        var buffer = ByteBufferAllocator().buffer(capacity: headerRoom + capacity)
        buffer.writeRepeatingByte(0, count: headerRoom)
        write(&buffer)
        prependHeader(opcode, to: &buffer)
        return buffer
    }

    /// Writes the header into the room before the payload, so that the payload need not move.
    private static func prependHeader(_ opcode: Frame.Opcode, to buffer: inout ByteBuffer) {
        let length = buffer.readableBytes - headerRoom
        let width = length < 126 ? 0 : length <= UInt16.max ? 2 : 8
        let start = headerRoom - 2 - width
        buffer.setInteger(0x80 | opcode.rawValue, at: start)
        switch width {
        case 0: buffer.setInteger(UInt8(length), at: start + 1)
        case 2:
            buffer.setInteger(126 as UInt8, at: start + 1)
            buffer.setInteger(UInt16(length), at: start + 2)
        default:
            buffer.setInteger(127 as UInt8, at: start + 1)
            buffer.setInteger(UInt64(length), at: start + 2)
        }
        buffer.moveReaderIndex(to: start)
    }
}
