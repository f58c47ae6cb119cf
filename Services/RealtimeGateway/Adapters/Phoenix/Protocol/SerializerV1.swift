import EventSchema
import NIOCore
import RealtimeHTTP

/// Version 1.0.0: objects with `topic`, `event`, `payload` and `ref`.
final class SerializerV1: PhoenixSerializer {
    private let framing: MessageFraming

    init(framing: MessageFraming) {
        self.framing = framing
    }

    /// Reads a message; Phoenix does not look at the frame's opcode here.
    func decode(_ frame: ClientMessage) throws(MalformedFrame) -> PhoenixMessage {
        switch frame {
        case .text(let text): return try decode(text)
        case .binary(let text):
            guard (try? UTF8Span(validating: text.readableBytesUInt8Span)) != nil else {
                throw MalformedFrame("not UTF-8")
            }
            return try decode(text)
        }
    }

    private func decode(_ text: ByteBuffer) throws(MalformedFrame) -> PhoenixMessage {
        let bytes = text.readableBytesUInt8Span
        do throws(JSONError) {
            let members = try JSONMembers(scanning: bytes)
            guard let topic = try string("topic", members, bytes), let event = try string("event", members, bytes),
                let payload = members.value(of: "payload", in: bytes), let ref = members.value(of: "ref", in: bytes)
            else { throw JSONError("topic, event, payload or ref is missing", at: 0) }
            let joinRef = members.value(of: "join_ref", in: bytes)
            return PhoenixMessage(
                joinRef: try joinRef.map { range throws(JSONError) in try text.reference(range) } ?? .null,
                ref: try text.reference(ref),
                topic: topic,
                event: event,
                payload: .json(text.slice(of: payload))
            )
        } catch {
            throw MalformedFrame(error.description)
        }
    }

    private func string(_ name: String, _ members: JSONMembers, _ bytes: Span<UInt8>) throws(JSONError) -> String? {
        guard let range = members.value(of: name, in: bytes) else { return nil }
        return try JSONParser.string(at: range, in: bytes)
    }

    func reply(
        _ joinRef: MessageReference,
        _ ref: MessageReference,
        topic: String,
        _ status: ReplyStatus,
        _ response: EventContent
    ) -> ByteBuffer? {
        guard case .json(let response) = response else { return nil }
        return framing.text(capacity: topic.utf8.count + ref.literal.utf8.count + response.readableBytes + 96) {
            $0.writeStaticString(#"{"event":"phx_reply","payload":{"response":"#)
            $0.writeImmutableBuffer(response)
            $0.writeStaticString(#","status":""#)
            $0.writeString(status.rawValue)
            $0.writeStaticString(#""},"ref":"#)
            $0.writeString(ref.literal)
            $0.writeStaticString(#","topic":"#)
            $0.writeJSON(string: topic)
            $0.writeStaticString("}")
        }
    }

    func push(
        _ joinRef: MessageReference,
        ref: MessageReference,
        topic: String,
        event: String,
        _ payload: EventContent
    ) -> ByteBuffer? {
        guard case .json(let payload) = payload else { return nil }
        return framing.text(capacity: topic.utf8.count + event.utf8.count + payload.readableBytes + 64) {
            $0.writeStaticString(#"{"event":"#)
            $0.writeJSON(string: event)
            $0.writeStaticString(#","payload":"#)
            $0.writeImmutableBuffer(payload)
            $0.writeStaticString(#","ref":"#)
            $0.writeString(ref.literal)
            $0.writeStaticString(#","topic":"#)
            $0.writeJSON(string: topic)
            $0.writeStaticString("}")
        }
    }

    func frame(_ event: TopicEvent) -> ByteBuffer? {
        push(.null, ref: .null, topic: event.topic, event: event.name, event.content)
    }
}
