import NIOCore
import RealtimeHTTP

/// What a transport puts around the text of a message.
enum MessageFraming: Sendable {
    /// A frame of its own.
    case webSocket
    /// A JSON string, to stand in the list that answers a poll.
    case longPoll

    /// Builds what is sent for the text that `write` appends, once for however many clients.
    func text(capacity: Int, _ write: (inout ByteBuffer) -> Void) -> ByteBuffer {
        switch self {
        case .webSocket: return FrameWriter.text(capacity: capacity, write)
        case .longPoll:
            var text = ByteBufferAllocator().buffer(capacity: capacity)
            write(&text)
            // Every name and string in it brings two quotes, each of which gets longer.
            var string = ByteBufferAllocator().buffer(capacity: text.readableBytes * 5 / 4 + 16)
            string.writeJSONString(of: text)
            return string
        }
    }
}
