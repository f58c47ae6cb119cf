import EventSchema
import HTTPTypes
import Hummingbird
import NIOCore

/// What Phoenix answers to long-poll clients: HTTP's status is 200, and the one that counts stands in the body.
///
/// phoenix.js knows 200, 204, 403, 410 and 500 there and fails for good on others, so whoever is to come back later is
/// answered without a body.
enum LongPollAnswer {
    static let received = status(200)
    static let forbidden = status(403)
    /// The session cannot take more now.
    static let requestTimeout = status(408)
    static let gone = status(410)
    static let tooLarge = status(413)

    /// Answers a poll; `messages` are JSON strings.
    static func poll(_ status: Int, _ messages: [ByteBuffer] = [], token: String?) -> Response {
        var body = ByteBuffer()
        body.reserveCapacity(messages.reduce(256) { $0 + $1.readableBytes + 1 })
        body.writeStaticString(#"{"messages":["#)
        for (index, message) in messages.enumerated() {
            if index > 0 { body.writeStaticString(",") }
            body.writeImmutableBuffer(message)
        }
        body.writeString(#"],"status":\#(status),"token":"#)
        if let token { body.writeJSON(string: token) } else { body.writeStaticString("null") }
        body.writeStaticString("}")
        return response(.ok, body)
    }

    /// Tells a client to come back later, by a status of HTTP's and nothing else.
    static func later(_ status: HTTPResponse.Status, retryAfter: String) -> Response {
        var response = Response(status: status)
        response.headers = [.accessControlAllowOrigin: "*", .retryAfter: retryAfter]
        return response
    }

    /// Answers the question of a browser whether a page from elsewhere may ask; the origin has been checked.
    static func preflight(headers: String?) -> Response {
        var response = Response(status: .ok)
        response.headers = [
            .accessControlAllowOrigin: "*",
            .accessControlAllowHeaders: headers ?? "",
            .accessControlAllowMethods: "get, post, options",
            .accessControlMaxAge: "3600",
        ]
        return response
    }

    private static func status(_ status: Int) -> Response {
        response(.ok, ByteBuffer(string: #"{"status":\#(status)}"#))
    }

    private static func response(_ status: HTTPResponse.Status, _ body: ByteBuffer) -> Response {
        let headers: HTTPFields = [
            .accessControlAllowOrigin: "*",
            .cacheControl: "max-age=0, private, must-revalidate",
            .contentType: "application/json; charset=utf-8",
        ]
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: body))
    }
}
