import EventSchema
import NIOCore
import RealtimeHTTP

/// What stands in JSON for an attachment: `{"_placeholder":true,"num":0}`.
enum SocketPlaceholder {
    private static let mark = Array("_placeholder".utf8)

    /// Looks whether every placeholder in a value has its attachment: whoever hands the value on relies on it.
    static func check(_ text: ByteBuffer, attachments: Int) throws(SocketPacket.Invalid) {
        // Where there is no such word, not even in part an escaped one, there is nothing to build for.
        guard text.readableBytesView.contains(UInt8(ascii: "\\")) || mentionsPlaceholder(text) else { return }
        do throws(JSONError) {
            let value = try JSONParser.parse(text.readableBytesUInt8Span)
            guard isValid(value, attachments) else { throw JSONError("illegal attachments", at: 0) }
        } catch {
            throw SocketPacket.Invalid(error.description)
        }
    }

    private static func mentionsPlaceholder(_ text: ByteBuffer) -> Bool {
        text.readableBytesView.firstRange(of: mark) != nil
    }

    private static func isValid(_ value: JSONValue, _ attachments: Int) -> Bool {
        switch value {
        case .array(let elements): elements.allSatisfy { isValid($0, attachments) }
        case .object(let members) where members["_placeholder"] == .bool(true):
            members["num"]?.integerValue.map { (0..<Int64(attachments)).contains($0) } ?? false
        case .object(let members): members.values.allSatisfy { isValid($0, attachments) }
        default: true
        }
    }

    /// A value, or the attachment for which it stands.
    static func content(_ text: ByteBuffer, _ attachments: [ByteBuffer]) -> EventContent {
        guard !attachments.isEmpty, mentionsPlaceholder(text),
            let value = try? JSONParser.parse(text.readableBytesUInt8Span), value["_placeholder"] == .bool(true),
            let number = value["num"]?.integerValue, let index = Int(exactly: number),
            attachments.indices.contains(index)
        else { return .json(text) }
        return .binary(attachments[index])
    }
}
