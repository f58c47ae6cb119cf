import Foundation
package import HTTPTypes
package import NIOCore

/// The answer to a request; its length and its date are added when it is written.
package struct ExchangeAnswer: Sendable {
    package var status: HTTPResponse.Status
    package var headers: HTTPFields
    package var body: ByteBuffer

    package init(status: HTTPResponse.Status, headers: HTTPFields = [:], body: ByteBuffer = ByteBuffer()) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// A longer body is not copied behind the head.
    private static let copied = 4096

    /// The bytes of the response, in one buffer or two.
    ///
    /// - Parameters:
    ///   - isLast: Whether the connection ends with it.
    ///   - isHead: Whether a `HEAD` asked for it, so that its body stays away.
    func bytes(isLast: Bool, isHead: Bool) -> (first: ByteBuffer, rest: ByteBuffer?) {
        let isTogether = body.readableBytes <= Self.copied
        var bytes = ByteBufferAllocator().buffer(capacity: 320 + (isTogether ? body.readableBytes : 0))
        bytes.writeString("HTTP/1.1 \(status.code) \(status.reasonPhrase)\r\n")
        for field in headers { bytes.writeField(field.name.rawName, field.value) }
        // RFC 9110 section 8.6: an answer that has no content by its status does not tell its length.
        if status != .noContent { bytes.writeField("Content-Length", "\(body.readableBytes)") }
        if isLast { bytes.writeStaticString("Connection: close\r\n") }
        bytes.writeField("Date", HTTPDate(seconds: Int64(Date().timeIntervalSince1970)).description)
        bytes.writeStaticString("\r\n")
        guard !isHead else { return (bytes, nil) }
        guard isTogether else { return (bytes, body) }
        bytes.writeImmutableBuffer(body)
        return (bytes, nil)
    }
}
