import AsyncHTTPClient
import NIOHTTP1
import NotificationDomain
import OutboundHTTP
import Tracing

/// Runs one HTTP exchange in a client span, which the request names as its cause.
///
/// The span holds neither the query of the URL nor anything that was sent or answered but the status.
func withRequestSpan(
    _ request: HTTPClientRequest,
    to address: HTTPAddress,
    attempt: Int,
    _ exchange: (HTTPClientRequest) async throws -> WebhookAnswer
) async throws -> WebhookAnswer {
    try await withSpan(request.method.rawValue, ofKind: .client) { span in
        var request = request
        InstrumentationSystem.instrument.inject(span.context, into: &request.headers, using: HeaderInjector())
        if span.isRecording { span.attributes = address.spanAttributes(request.method, attempt: attempt) }
        let answer = try await exchange(request)
        span.note(answer)
        return answer
    }
}

private struct HeaderInjector: Injector {
    func inject(_ value: String, forKey key: String, into headers: inout HTTPHeaders) {
        headers.replaceOrAdd(name: key, value: value)
    }
}

extension HTTPAddress {
    /// OpenTelemetry's conventions for HTTP clients.
    fileprivate func spanAttributes(_ method: HTTPMethod, attempt: Int) -> SpanAttributes {
        [
            "http.request.method": .string(method.rawValue), "http.request.resend_count": .int(Int64(attempt) - 1),
            "server.address": .string(host), "server.port": .int(Int64(port)),
            "url.full": .string(String(url.prefix { $0 != "?" })),
        ]
    }
}

extension Span {
    /// What is not delivered is an error, by its status.
    fileprivate func note(_ answer: WebhookAnswer) {
        guard isRecording else { return }
        attributes["http.response.status_code"] = answer.status
        guard answer.status >= 400 else { return }
        attributes["error.type"] = String(answer.status)
        setStatus(SpanStatus(code: .error))
    }
}
