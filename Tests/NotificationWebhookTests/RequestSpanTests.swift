import EventSchema
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NotificationDomain
import NotificationWebhook
import OutboundHTTP
import ServiceBootstrap
import Synchronization
import Testing
import Tracing

/// What a webhook tells of its trace: in its headers to the receiver, in its span to an operator.
@Suite(.timeLimit(.minutes(1)))
struct RequestSpanTests {
    private final class SpanBox: SpanExporter {
        private let spans = Mutex<[FinishedSpan]>([])
        var all: [FinishedSpan] { spans.withLock { $0 } }
        func export(_ span: FinishedSpan) { spans.withLock { $0.append(span) } }
        func flush() {}
    }

    private final class Inbox: Sendable {
        let headers = Mutex<[HTTPFields]>([])
    }

    private struct Brought: Extractor {
        func extract(key: String, from headers: [String: String]) -> String? { headers[key] }
    }

    private static let brought = [
        "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "tracestate": "rojo=1",
    ]

    private let box = SpanBox()
    private let inbox = Inbox()

    /// Delivers one webhook to `url`, as the work on a message that brought a trace does.
    private func deliver(to url: String) async throws {
        let channel = WebhookChannel(
            settings: WebhookChannel.Settings(
                routing: WebhookRouting(defaultAddress: nil, canSign: true),
                signer: WebhookSigner(secrets: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
                policy: AddressPolicy(allowsPrivate: true)
            ),
            logger: Logger(label: "test")
        )
        let notification = UserNotification(
            id: UUID(),
            userID: "u-1",
            title: "t",
            body: "b",
            data: [:],
            requestedChannels: ["webhook"],
            address: url,
            requestedAt: Timestamp(milliseconds: 0)
        )
        let tracer = ServiceTracer(exporter: box)
        var context = InstrumentationContext.topLevel
        tracer.extract(Self.brought, into: &context, using: Brought())
        try await withThrowingTaskGroup { group in
            group.addTask { try await channel.run() }
            await withTracer(tracer) {
                await InstrumentationContext.$current.withValue(context) {
                    _ = await channel.deliver(notification, attempt: 2)
                }
            }
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    private func withReceiver(
        _ status: HTTPResponse.Status,
        _ body: @escaping @Sendable (Int) async throws -> Void
    )
        async throws
    {
        let responder = CallbackResponder<BasicRequestContext> { [inbox] request, _ in
            inbox.headers.withLock { $0.append(request.headers) }
            return Response(status: status)
        }
        try await Application(
            responder: responder,
            configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: 0))
        )
        .test(.live) { client in try await body(try #require(client.port)) }
    }

    private func attribute(_ name: String, _ span: FinishedSpan) -> SpanAttribute? {
        span.facts.attributes[name]?.toSpanAttribute()
    }

    @Test func `the request names its span, which is of the message's trace`() async throws {
        try await withReceiver(.ok) { port in try await deliver(to: "http://127.0.0.1:\(port)/hook?token=secret") }
        let headers = try #require(inbox.headers.withLock { $0 }.first)
        let span = try #require(box.all.first)
        #expect(box.all.count == 1)
        #expect(headers[try #require(HTTPField.Name("traceparent"))] == span.context.traceParent.description)
        #expect(headers[try #require(HTTPField.Name("tracestate"))] == "rojo=1")
        #expect(span.parent?.traceParent.description == Self.brought["traceparent"])
        #expect(span.kind == .client && span.facts.name == "POST")
    }

    @Test func `the span tells where and how it went, without the query`() async throws {
        try await withReceiver(.ok) { port in
            try await deliver(to: "http://127.0.0.1:\(port)/hook?token=secret")
            let span = try #require(box.all.first)
            #expect(attribute("http.request.method", span) == "POST")
            #expect(attribute("server.address", span) == "127.0.0.1")
            #expect(attribute("server.port", span) == .int(Int64(port)))
            #expect(attribute("url.full", span) == .string("http://127.0.0.1:\(port)/hook"))
            #expect(attribute("http.request.resend_count", span) == 1)
            #expect(attribute("http.response.status_code", span) == 200)
            #expect(span.facts.status == nil)
            #expect(!"\(span)".contains("secret"))
        }
    }

    @Test func `an answer that is a failure, and none at all, are errors of the span`() async throws {
        try await withReceiver(.serviceUnavailable) { port in try await deliver(to: "http://127.0.0.1:\(port)/") }
        try await deliver(to: "http://127.0.0.1:1/")
        let (refused, unreachable) = (box.all[0], box.all[1])
        #expect(refused.facts.status?.code == .error && unreachable.facts.status?.code == .error)
        #expect(attribute("error.type", refused) == "503")
        #expect(attribute("http.response.status_code", unreachable) == nil)
        #expect(unreachable.facts.events.map(\.name) == ["exception"])
    }
}
