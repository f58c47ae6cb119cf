import NIOCore
import RealtimeHTTP

/// The binary frames of version 2.0.0: lengths of one byte each, then the texts, then the data.
enum BinaryFrames {
    private enum Kind {
        static let push: UInt8 = 0
        static let reply: UInt8 = 1
        static let broadcast: UInt8 = 2
    }

    /// Reads a client's push: join_ref, ref, topic, event.
    static func decodePush(_ frame: ByteBuffer) throws(MalformedFrame) -> PhoenixMessage {
        var rest = frame
        guard rest.readInteger(as: UInt8.self) == Kind.push, let lengths = rest.readBytes(length: 4) else {
            throw MalformedFrame("no binary push")
        }
        var texts: [String] = []
        for length in lengths {
            guard let bytes = rest.readBytes(length: Int(length)),
                let text = String(validating: bytes, as: UTF8.self)
            else { throw MalformedFrame("binary push is cut short or not UTF-8") }
            texts.append(text)
        }
        return PhoenixMessage(
            joinRef: MessageReference(text: texts[0]),
            ref: MessageReference(text: texts[1]),
            topic: texts[2],
            event: texts[3],
            payload: .binary(rest)
        )
    }

    static func reply(
        _ joinRef: MessageReference,
        _ ref: MessageReference,
        topic: String,
        _ status: ReplyStatus,
        _ data: ByteBuffer
    ) -> ByteBuffer? {
        frame(Kind.reply, [joinRef.text, ref.text, topic, status.rawValue], data)
    }

    /// A message to one member; unlike a client's push it has no ref, nor a length for one.
    static func push(_ joinRef: MessageReference, topic: String, event: String, _ data: ByteBuffer) -> ByteBuffer? {
        frame(Kind.push, [joinRef.text, topic, event], data)
    }

    static func broadcast(topic: String, event: String, _ data: ByteBuffer) -> ByteBuffer? {
        frame(Kind.broadcast, [topic, event], data)
    }

    /// `nil` if a text is longer than its length byte can tell.
    private static func frame(_ kind: UInt8, _ texts: [String], _ data: ByteBuffer) -> ByteBuffer? {
        guard texts.allSatisfy({ $0.utf8.count <= UInt8.max }) else { return nil }
        return FrameWriter.binary(capacity: texts.reduce(8) { $0 + $1.utf8.count } + data.readableBytes) {
            $0.writeInteger(kind)
            for text in texts { $0.writeInteger(UInt8(text.utf8.count)) }
            for text in texts { $0.writeString(text) }
            $0.writeImmutableBuffer(data)
        }
    }
}
