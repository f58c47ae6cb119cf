import HTTPTypes
import Hummingbird
import NIOCore

/// Has a responder answer what the HTTP server has read: content in pieces, and requests over a connection that brought
/// others before.
struct ExchangeRoutes: Sendable {
    let responder: any ExchangeResponder

    func addRoutes<Context: RequestContext>(to router: Router<Context>, path: String) {
        for method: HTTPRequest.Method in [.get, .head, .post, .put, .patch, .delete, .options] {
            router.on(RouterPath(path), method: method) { request, _ in try await respond(request) }
        }
    }

    private func respond(_ request: Request) async throws -> Response {
        guard let headers = RequestHeaders(request.headers) else {
            return Response(status: .requestHeaderFieldsTooLarge)
        }
        let course = responder.begin(
            ExchangeRequest(
                method: request.method.rawValue,
                query: request.uri.query.map { $0[...] } ?? "",
                headers: headers,
                remoteAddress: RequestChannel.current?.remoteAddress
            )
        )
        return response(try await answer(course, request.body), to: request)
    }

    private func answer(_ course: ExchangeCourse, _ body: RequestBody) async throws -> ExchangeAnswer {
        switch course {
        case .answer(let answer): return answer
        case .wait(let answer, let onAbort):
            if let onAbort, let channel = RequestChannel.current { RequestChannel.watch(channel, onAbort) }
            return try await answer.get()
        case .content(let refusal, let finish):
            if let refusal = try await refusal.get() { return refusal }
            return try await finish(await content(body)).get()
        }
    }

    private func content(_ body: RequestBody) async -> ExchangeContent {
        do {
            return .whole(try await body.collect(upTo: responder.contentLimit))
        } catch is NIOTooManyBytesError {
            return .tooLarge
        } catch {
            return .aborted
        }
    }

    private func response(_ answer: ExchangeAnswer, to request: Request) -> Response {
        let body = request.method == .head ? ResponseBody() : ResponseBody(byteBuffer: answer.body)
        var response = Response(status: answer.status, headers: answer.headers, body: body)
        // The next one comes over a connection that is cheaper, and that may become a WebSocket.
        response.headers[.connection] = "close"
        return response
    }
}

extension RequestHeaders {
    /// - Returns: `nil` for more than ``HeadParser`` would have read.
    fileprivate init?(_ headers: HTTPFields) {
        var bytes = ByteBuffer()
        var fields: [Field] = []
        for header in headers {
            let name = bytes.writerIndex..<(bytes.writerIndex + header.name.rawName.utf8.count)
            let value = name.upperBound..<(name.upperBound + header.value.utf8.count)
            guard value.upperBound <= HeadParser.maximumBytes else { return nil }
            bytes.writeString(header.name.rawName)
            bytes.writeString(header.value)
            fields.append(Field(name: name, value: value))
        }
        self.init(bytes: bytes, fields: fields)
    }
}
