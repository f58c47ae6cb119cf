import EventSchema
package import HTTPTypes
package import Hummingbird
import NIOCore

/// An error as REST clients get it: a status and `{"detail": "..."}`, with `errors` where there are several.
package struct ErrorDetail: Error, Sendable, HTTPResponseError {
    package let status: HTTPResponse.Status
    private let detail: String
    private let headers: HTTPFields
    private let errors: [String]

    /// - Parameter errors: Each mistake with the path of its field.
    package init(
        _ status: HTTPResponse.Status,
        _ detail: String,
        _ headers: HTTPFields = [:],
        errors: [String] = []
    ) {
        self.status = status
        self.detail = detail
        self.headers = headers
        self.errors = errors
    }

    package var response: Response {
        var headers = headers
        headers[.contentType] = "application/json"
        headers[.xContentTypeOptions] = "nosniff"
        var object: JSONObject = ["detail": .string(detail)]
        if !errors.isEmpty { object["errors"] = .array(errors.map(JSONValue.string)) }
        let body = JSONValue.object(object).encoded
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
    }

    package func response(from request: Request, context: some RequestContext) -> Response { response }
}
