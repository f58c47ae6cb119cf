import Crypto
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// A file of the page, kept in memory as it is sent.
struct PageAsset: Sendable {
    private let content: ByteBuffer
    private let headers: HTTPFields

    /// Takes the bytes that the compiler embedded, with placeholders replaced by text that is escaped for HTML.
    init(_ bytes: [UInt8], type: String, replacing placeholders: [String: String] = [:]) {
        var text = String(decoding: bytes, as: UTF8.self)
        for (placeholder, value) in placeholders {
            text = text.replacing(placeholder, with: value.escapedForHTML)
        }
        content = ByteBuffer(string: text)
        var headers: HTTPFields = [
            .contentType: type,
            .eTag: "\"\(SHA256.hash(data: Array(text.utf8)).prefix(12).map { String($0, radix: 16) }.joined())\"",
            // Asked for anew each time, since its name does not change when the service does; mostly a 304.
            .cacheControl: "no-cache",
            .xContentTypeOptions: "nosniff",
        ]
        // The address of the page holds a token.
        if let name = HTTPField.Name("Referrer-Policy") { headers[name] = "no-referrer" }
        self.headers = headers
    }

    func response(to request: Request) -> Response {
        if request.headers[.ifNoneMatch] == headers[.eTag] { return Response(status: .notModified, headers: headers) }
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: content))
    }
}

extension String {
    fileprivate var escapedForHTML: String {
        replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            .replacing("\"", with: "&quot;")
    }
}
