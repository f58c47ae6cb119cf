import Crypto
import EventSchema
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// A file of the page, kept in memory as it is sent.
struct PageAsset: Sendable {
    private let content: ByteBuffer
    private let headers: HTTPFields

    /// Takes the bytes that the compiler embedded.
    init(_ bytes: [UInt8], type: String) {
        content = ByteBuffer(bytes: bytes)
        headers = [
            .contentType: type,
            .eTag: .tag(of: bytes),
            // Asked for anew each time, since its name does not change when the service does; mostly a 304.
            .cacheControl: "no-cache",
            .xContentTypeOptions: "nosniff",
        ]
    }

    func response(to request: Request) -> Response {
        if request.headers[.ifNoneMatch] == headers[.eTag] { return Response(status: .notModified, headers: headers) }
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: content))
    }
}

extension String {
    /// An entity tag that changes with the bytes.
    static func tag(of bytes: [UInt8]) -> String {
        let digest = SHA256.hash(data: bytes).prefix(12).map { byte in
            (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }
        return "\"\(digest.joined())\""
    }
}

extension Response {
    /// JSON that is not sent again to who has it already.
    static func json(_ object: JSONObject, status: HTTPResponse.Status = .ok, for request: Request) -> Response {
        let body = JSONValue.object(object).encoded
        let tag = String.tag(of: body)
        let headers: HTTPFields = [
            .contentType: "application/json", .cacheControl: "no-cache", .xContentTypeOptions: "nosniff", .eTag: tag,
            .vary: "Accept",
        ]
        if status == .ok, request.headers[.ifNoneMatch] == tag {
            return Response(status: .notModified, headers: headers)
        }
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
    }
}
