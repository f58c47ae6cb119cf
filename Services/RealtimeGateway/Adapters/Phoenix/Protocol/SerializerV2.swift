import EventSchema
import NIOCore
import RealtimeHTTP

/// Version 2.0.0: arrays of `join_ref`, `ref`, `topic`, `event` and `payload`, and binary frames.
final class SerializerV2: PhoenixSerializer {
    private let framing: MessageFraming

    init(framing: MessageFraming) {
        self.framing = framing
    }

    func decode(_ frame: ClientMessage) throws(MalformedFrame) -> PhoenixMessage {
        switch frame {
        case .text(let text): try decode(text)
        case .binary(let bytes): try BinaryFrames.decodePush(bytes)
        }
    }

    private func decode(_ text: ByteBuffer) throws(MalformedFrame) -> PhoenixMessage {
        let bytes = text.readableBytesUInt8Span
        var scanner = JSONScanner()
        do throws(JSONError) {
            try scanner.expect(UInt8(ascii: "["), in: bytes)
            let joinRef = try text.reference(try scanner.skipValue(in: bytes, depth: 1))
            try scanner.expect(UInt8(ascii: ","), in: bytes)
            let ref = try text.reference(try scanner.skipValue(in: bytes, depth: 1))
            try scanner.expect(UInt8(ascii: ","), in: bytes)
            let topic = try string(&scanner, bytes)
            try scanner.expect(UInt8(ascii: ","), in: bytes)
            let event = try string(&scanner, bytes)
            try scanner.expect(UInt8(ascii: ","), in: bytes)
            let payload = try scanner.skipValue(in: bytes, depth: 1)
            // Phoenix takes no notice of further elements.
            while scanner.consume(UInt8(ascii: ","), in: bytes) { _ = try scanner.skipValue(in: bytes, depth: 1) }
            try scanner.expect(UInt8(ascii: "]"), in: bytes)
            try scanner.expectEnd(in: bytes)
            return PhoenixMessage(
                joinRef: joinRef,
                ref: ref,
                topic: topic,
                event: event,
                payload: .json(text.slice(of: payload))
            )
        } catch {
            throw MalformedFrame(error.description)
        }
    }

    private func string(_ scanner: inout JSONScanner, _ bytes: Span<UInt8>) throws(JSONError) -> String {
        let (content, escaped) = try scanner.skipString(in: bytes)
        return try JSONParser.unescape(content, escaped: escaped, in: bytes)
    }

    func reply(
        _ joinRef: MessageReference,
        _ ref: MessageReference,
        topic: String,
        _ status: ReplyStatus,
        _ response: EventContent
    ) -> ByteBuffer? {
        switch response {
        case .binary(let data): binary { BinaryFrames.reply(joinRef, ref, topic: topic, status, data) }
        case .json(let response):
            frame(joinRef, ref, topic: topic, event: "phx_reply", payload: response.readableBytes + 32) {
                $0.writeStaticString(#"{"response":"#)
                $0.writeImmutableBuffer(response)
                $0.writeStaticString(#","status":""#)
                $0.writeString(status.rawValue)
                $0.writeStaticString(#""}"#)
            }
        }
    }

    func push(
        _ joinRef: MessageReference,
        ref: MessageReference,
        topic: String,
        event: String,
        _ payload: EventContent
    ) -> ByteBuffer? {
        switch payload {
        case .binary(let data): binary { BinaryFrames.push(joinRef, topic: topic, event: event, data) }
        case .json(let payload):
            frame(joinRef, ref, topic: topic, event: event, payload: payload.readableBytes) {
                $0.writeImmutableBuffer(payload)
            }
        }
    }

    func frame(_ event: TopicEvent) -> ByteBuffer? {
        switch event.content {
        case .binary(let data): binary { BinaryFrames.broadcast(topic: event.topic, event: event.name, data) }
        case .json: push(.null, ref: .null, topic: event.topic, event: event.name, event.content)
        }
    }

    /// A binary frame, where there are any: answers to polls are JSON, in which phoenix.js looks for no other messages.
    private func binary(_ frame: () -> ByteBuffer?) -> ByteBuffer? {
        framing == .webSocket ? frame() : nil
    }

    private func frame(
        _ joinRef: MessageReference,
        _ ref: MessageReference,
        topic: String,
        event: String,
        payload length: Int,
        _ writePayload: (inout ByteBuffer) -> Void
    ) -> ByteBuffer {
        let refs = joinRef.literal.utf8.count + ref.literal.utf8.count
        return framing.text(capacity: refs + topic.utf8.count + event.utf8.count + length + 16) {
            $0.writeStaticString("[")
            $0.writeString(joinRef.literal)
            $0.writeStaticString(",")
            $0.writeString(ref.literal)
            $0.writeStaticString(",")
            $0.writeJSON(string: topic)
            $0.writeStaticString(",")
            $0.writeJSON(string: event)
            $0.writeStaticString(",")
            writePayload(&$0)
            $0.writeStaticString("]")
        }
    }
}
