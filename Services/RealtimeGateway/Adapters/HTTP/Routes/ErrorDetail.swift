import EventSchema
package import HTTPTypes
package import Hummingbird
import NIOCore

/// An error as REST clients get it: a status and `{"detail": "..."}`.
package struct ErrorDetail: Error, Sendable, HTTPResponseError {
    package let status: HTTPResponse.Status
    private let detail: String
    private let headers: HTTPFields

    package init(_ status: HTTPResponse.Status, _ detail: String, _ headers: HTTPFields = [:]) {
        self.status = status
        self.detail = detail
        self.headers = headers
    }

    package var response: Response {
        var headers = headers
        headers[.contentType] = "application/json"
        headers[.xContentTypeOptions] = "nosniff"
        let body = JSONValue.object(["detail": .string(detail)]).encoded
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
    }

    package func response(from request: Request, context: some RequestContext) -> Response { response }
}
