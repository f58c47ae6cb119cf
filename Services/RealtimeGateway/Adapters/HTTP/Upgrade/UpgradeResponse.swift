import NIOCore
import NIOHTTP1

/// What is answered to who asked for a WebSocket, as the bytes of a response.
enum UpgradeResponse {
    /// The WebSocket is open from here on.
    static func switching(accept key: String, subprotocol: String?) -> ByteBuffer {
        var bytes = ByteBufferAllocator().buffer(capacity: 256)
        bytes.writeStaticString("HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\n")
        bytes.writeField("sec-websocket-accept", key)
        if let subprotocol { bytes.writeField("sec-websocket-protocol", subprotocol) }
        bytes.writeStaticString("\r\n")
        return bytes
    }

    /// It is refused, with the last words on this connection.
    static func refusal(_ status: HTTPResponseStatus, _ body: String, _ headers: HTTPHeaders) -> ByteBuffer {
        var bytes = ByteBufferAllocator().buffer(capacity: 256 + body.utf8.count)
        bytes.writeString("HTTP/1.1 \(status.code) \(status.reasonPhrase)\r\n")
        bytes.writeField("content-length", "\(body.utf8.count)")
        bytes.writeField("connection", "close")
        for (name, value) in headers { bytes.writeField(name, value) }
        if !body.isEmpty, !headers.contains(name: "content-type") {
            bytes.writeField("content-type", "text/plain; charset=utf-8")
        }
        bytes.writeStaticString("\r\n")
        bytes.writeString(body)
        return bytes
    }
}

extension ByteBuffer {
    mutating func writeField(_ name: String, _ value: String) {
        writeString(name)
        writeStaticString(": ")
        writeString(value)
        writeStaticString("\r\n")
    }
}
