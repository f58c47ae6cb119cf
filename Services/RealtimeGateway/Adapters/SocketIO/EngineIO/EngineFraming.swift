import Foundation
package import NIOCore
import NIOFoundationCompat
import RealtimeHTTP

/// What a transport puts around packets, once for however many clients.
package enum EngineFraming: Sendable, Hashable {
    /// A frame for each packet.
    case webSocket
    /// Text, which is joined with that of others to the answer of a poll.
    case polling

    /// Between two packets of one answer or request.
    static let separator: UInt8 = 0x1E
    private static let message = UInt8(ascii: "4")

    /// Builds a message whose text `write` appends.
    package func text(capacity: Int, _ write: (inout ByteBuffer) -> Void) -> ByteBuffer {
        packet(capacity: capacity + 1) {
            $0.writeInteger(Self.message)
            write(&$0)
        }
    }

    /// Builds a message of bytes, which has no type before it.
    package func binary(_ bytes: ByteBuffer) -> ByteBuffer {
        switch self {
        case .webSocket: return FrameWriter.binary(capacity: bytes.readableBytes) { $0.writeImmutableBuffer(bytes) }
        case .polling:
            var packet = ByteBufferAllocator().buffer(capacity: (bytes.readableBytes + 2) / 3 * 4 + 1)
            packet.writeStaticString("b")
            packet.writeBytes(Data(bytes.readableBytesView).base64EncodedData())
            return packet
        }
    }

    /// Builds a text message and the binary ones that belong right behind it.
    package func text(
        capacity: Int,
        attachments: [ByteBuffer],
        _ write: (inout ByteBuffer) -> Void
    ) -> ByteBuffer {
        var whole = text(capacity: capacity, write)
        for attachment in attachments {
            if self == .polling { whole.writeInteger(Self.separator) }
            whole.writeImmutableBuffer(binary(attachment))
        }
        return whole
    }

    /// Puts packets behind others, all of which this has built.
    package func append(_ packets: ByteBuffer, to others: inout ByteBuffer) {
        if self == .polling { others.writeInteger(Self.separator) }
        others.writeImmutableBuffer(packets)
    }

    /// Builds a packet that is no message.
    func control(_ packet: String) -> ByteBuffer {
        self.packet(capacity: packet.utf8.count) { $0.writeString(packet) }
    }

    private func packet(capacity: Int, _ write: (inout ByteBuffer) -> Void) -> ByteBuffer {
        switch self {
        case .webSocket: return FrameWriter.text(capacity: capacity, write)
        case .polling:
            var packet = ByteBufferAllocator().buffer(capacity: capacity)
            write(&packet)
            return packet
        }
    }

    /// Makes the frames of a WebSocket of what waited for a poll.
    static func webSocket(from polled: ByteBuffer) -> ByteBuffer {
        var frames = ByteBuffer()
        for packet in polled.readableBytesView.split(separator: separator) {
            let packet = ByteBuffer(packet)
            let frame =
                bytes(ofBase64: packet).map { EngineFraming.webSocket.binary($0) }
                ?? FrameWriter.text(capacity: packet.readableBytes) { $0.writeImmutableBuffer(packet) }
            if frames.readableBytes == 0 { frames = frame } else { frames.writeImmutableBuffer(frame) }
        }
        return frames
    }

    /// The bytes of a packet that is a `b` and base64; `nil` for any other.
    static func bytes(ofBase64 packet: ByteBuffer) -> ByteBuffer? {
        let view = packet.readableBytesView
        guard view.first == UInt8(ascii: "b") else { return nil }
        return Data(base64Encoded: Data(view.dropFirst())).map { ByteBuffer(bytes: $0) }
    }
}
