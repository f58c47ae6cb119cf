import EngineIO
import EventSchema
import NIOCore
import RealtimeHTTP

/// Spells the packets of one namespace for one transport; payloads that are JSON already are spliced in as they are.
struct SocketPacketWriter {
    let prefix: String
    let framing: EngineFraming

    /// `40{"sid":...}`: the client is connected.
    func connected(_ payload: String) -> ByteBuffer { text("0", payload) }

    /// `41`: the client is disconnected.
    func disconnected() -> ByteBuffer { text("1", "") }

    /// `44{"message":...}`: the client may not connect.
    func refused(_ message: String, data: ByteBuffer?) -> ByteBuffer {
        framing.text(capacity: prefix.utf8.count + message.utf8.count + (data?.readableBytes ?? 0) + 32) {
            $0.writeStaticString("4")
            $0.writeString(prefix)
            $0.writeStaticString(#"{"message":"#)
            $0.write(jsonString: message)
            if let data {
                $0.writeStaticString(#","data":"#)
                $0.writeImmutableBuffer(data)
            }
            $0.writeStaticString("}")
        }
    }

    /// `42["name",...]`, or `45N-["name",...]` and its attachments behind it.
    ///
    /// - Parameters:
    ///   - arguments: JSON values, in which placeholders refer to `attachments`, and bytes that become attachments.
    ///   - id: Asks for an answer.
    func event(
        _ name: String,
        _ arguments: [EventContent],
        attachments: [ByteBuffer] = [],
        id: UInt64? = nil
    ) -> ByteBuffer {
        packet("2", binary: "5", id: id, arguments, attachments, extra: name.utf8.count + 2) {
            $0.write(jsonString: name)
            return true
        }
    }

    /// An event with where it stands, in one buffer.
    func event(
        _ name: String,
        _ arguments: [EventContent],
        attachments: [ByteBuffer] = [],
        at offset: String,
        _ spelling: OffsetSpelling
    ) -> ByteBuffer {
        switch spelling {
        case .argument: return event(name, arguments + [.offset(offset)], attachments: attachments)
        case .event(let mark):
            var packets = event(name, arguments, attachments: attachments)
            framing.append(event(mark, [.offset(offset)]), to: &packets)
            return packets
        }
    }

    /// `43ID[...]`, or `46N-ID[...]`: the answer to an event.
    func answer(_ id: UInt64, _ arguments: [EventContent], attachments: [ByteBuffer]) -> ByteBuffer {
        packet("3", binary: "6", id: id, arguments, attachments, extra: 0) { _ in false }
    }

    private func text(_ type: StaticString, _ payload: String) -> ByteBuffer {
        framing.text(capacity: prefix.utf8.count + payload.utf8.count + 1) {
            $0.writeStaticString(type)
            $0.writeString(prefix)
            $0.writeString(payload)
        }
    }

    private func packet(
        _ type: StaticString,
        binary: StaticString,
        id: UInt64?,
        _ arguments: [EventContent],
        _ attachments: [ByteBuffer],
        extra: Int,
        _ writeFirst: (inout ByteBuffer) -> Bool
    ) -> ByteBuffer {
        let all = attachments + arguments.compactMap(\.bytes)
        let capacity = arguments.reduce(prefix.utf8.count + extra + 32) { $0 + ($1.json?.readableBytes ?? 32) + 1 }
        return framing.text(capacity: capacity, attachments: all) {
            $0.writeStaticString(all.isEmpty ? type : binary)
            if !all.isEmpty { $0.writeString("\(all.count)-") }
            $0.writeString(prefix)
            if let id { $0.writeString(String(id)) }
            $0.writeStaticString("[")
            let hasFirst = writeFirst(&$0)
            Self.write(arguments, to: &$0, behindOther: hasFirst, firstNumber: attachments.count)
            $0.writeStaticString("]")
        }
    }

    private static func write(
        _ arguments: [EventContent],
        to buffer: inout ByteBuffer,
        behindOther: Bool,
        firstNumber: Int
    ) {
        var isBehind = behindOther
        var number = firstNumber
        for argument in arguments {
            if isBehind { buffer.writeStaticString(",") }
            isBehind = true
            switch argument {
            case .json(let text): buffer.writeImmutableBuffer(text)
            case .binary:
                buffer.writeString(#"{"_placeholder":true,"num":\#(number)}"#)
                number += 1
            }
        }
    }
}

extension EventContent {
    fileprivate var bytes: ByteBuffer? { if case .binary(let bytes) = self { bytes } else { nil } }
    fileprivate var json: ByteBuffer? { if case .json(let text) = self { text } else { nil } }
}

extension ByteBuffer {
    /// Appends a string in quotes, escaped where RFC 8259 section 7 demands it.
    fileprivate mutating func write(jsonString string: String) {
        guard string.utf8.contains(where: { $0 < 0x20 || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") }) else {
            writeStaticString("\"")
            writeString(string)
            writeStaticString("\"")
            return
        }
        writeBytes(JSONValue.string(string).encoded)
    }
}
