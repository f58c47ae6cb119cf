import HTTPTypes
import Hummingbird
import RealtimeHTTP

/// Tells browsers which pages may read the answers; without credentials, since a session's id is all that counts.
struct EngineCORS {
    let origins: AllowedOrigins

    /// Answers the question whether a page from elsewhere may ask, as Socket.IO does.
    func preflight(_ request: Request) -> Response {
        var headers: HTTPFields = [
            .accessControlAllowMethods: "GET,HEAD,PUT,PATCH,POST,DELETE",
            .vary: "Access-Control-Request-Headers",
            .contentLength: "0",
        ]
        headers[.accessControlAllowHeaders] = request.headers[.accessControlRequestHeaders]
        return Response(status: .noContent, headers: headers)
    }

    /// Adds to an answer, also to one that is an error, who may read it.
    func allow(_ request: Request, _ response: inout Response) {
        switch origins {
        case .any: response.headers[.accessControlAllowOrigin] = "*"
        case .only:
            response.headers[.vary] = ["Origin", response.headers[.vary]].compactMap { $0 }.joined(separator: ", ")
            guard let origin = request.headers[.origin], origins.allow(origin) else { return }
            response.headers[.accessControlAllowOrigin] = origin
        }
    }
}
