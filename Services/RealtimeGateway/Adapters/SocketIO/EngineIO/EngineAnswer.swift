import HTTPTypes
import Hummingbird
import NIOCore

/// What requests are answered.
enum EngineAnswer {
    static func packets(_ body: ByteBuffer) -> Response {
        Response(
            status: .ok,
            headers: [.contentType: "text/plain; charset=UTF-8", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: body)
        )
    }

    static func post(_ answer: EngineSocket.PostAnswer) -> Response {
        switch answer {
        case .taken:
            Response(
                status: .ok,
                headers: [.contentType: "text/html", .cacheControl: "no-store"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: "ok"))
            )
        case .overlap: Response(status: .badRequest)
        case .otherTransport: refusal(.badRequest)
        case .unknownSession: refusal(.unknownSession)
        }
    }

    static func refusal(_ error: EngineError) -> Response {
        Response(
            status: error == .forbidden ? .forbidden : .badRequest,
            headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: error.json))
        )
    }

    /// There is no room for another session now.
    static var later: Response { Response(status: .serviceUnavailable, headers: [.retryAfter: "30"]) }
}
