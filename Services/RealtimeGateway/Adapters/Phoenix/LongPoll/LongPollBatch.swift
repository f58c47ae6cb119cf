import Foundation
import NIOCore
import RealtimeHTTP

/// What the body of a client's POST brings: one message, or a line for each of several.
enum LongPollBatch {
    /// Whether the body has lines, by its `Content-Type`.
    static func isLines(_ contentType: String?) -> Bool {
        contentType?.prefix { $0 != ";" && $0 != " " }.lowercased() == "application/x-ndjson"
    }

    static func messages(in body: ByteBuffer, isLines: Bool) throws(MalformedFrame) -> [ClientMessage] {
        guard isLines else { return [try text(body)] }
        var messages: [ClientMessage] = []
        for line in body.readableBytesView.split(separator: UInt8(ascii: "\n")) {
            let line = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
            guard let first = line.first else { continue }
            messages.append(try message(ByteBuffer(line), first))
        }
        return messages
    }

    /// A message is an array or, in version 1.0.0, an object; any other line is the base64 of a binary message.
    private static func message(_ line: ByteBuffer, _ first: UInt8) throws(MalformedFrame) -> ClientMessage {
        if first == UInt8(ascii: "[") || first == UInt8(ascii: "{") { return try text(line) }
        guard let data = Data(base64Encoded: Data(line.readableBytesView)) else {
            throw MalformedFrame("neither JSON nor base64")
        }
        return .binary(ByteBuffer(bytes: data))
    }

    private static func text(_ bytes: ByteBuffer) throws(MalformedFrame) -> ClientMessage {
        guard (try? UTF8Span(validating: bytes.readableBytesUInt8Span)) != nil else {
            throw MalformedFrame("not UTF-8")
        }
        return .text(bytes)
    }
}
