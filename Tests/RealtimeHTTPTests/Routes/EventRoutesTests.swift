import EventSchema
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import RealtimeDomain
import Synchronization
import Testing

@testable import RealtimeHTTP

@Suite(.timeLimit(.minutes(1))) struct EventRoutesTests {
    /// Takes every event, or answers as it is told to.
    private final class Ingest: EventIngest {
        struct Taken: Sendable {
            let envelope: Envelope
            let key: String?
            let trace: TraceHeaders
        }

        private let failure: IngestError?
        private let state = Mutex<[Taken]>([])

        init(failing failure: IngestError? = nil) {
            self.failure = failure
        }

        var taken: [Taken] { state.withLock { $0 } }

        func accept(
            _ envelope: Envelope,
            key: String?,
            request: [UInt8],
            trace: TraceHeaders
        ) async throws(IngestError) -> IngestReceipt {
            if let failure { throw failure }
            state.withLock { $0.append(Taken(envelope: envelope, key: key, trace: trace)) }
            return IngestReceipt(eventID: envelope.eventID.lowercased, isRepeated: false)
        }
    }

    private static let id = "7f0c2a56-0d5e-4b5e-9f3a-2f1f1c9f0a01"
    private static let event =
        #"{"event_type":"media.uploaded","event_id":"\#(id)","timestamp":"2024-01-01T00:00:00Z","source":"shop","#
        + #""payload":{"media_id":"0b8f2f5e-6a4d-4a43-9c0e-6c6f5d0e7a11","user_id":"u-1","file_path":"a.mp4","#
        + #""content_type":"video/mp4","file_size":1}}"#

    private func post(
        _ body: String,
        to ingest: Ingest,
        apiKey: String? = "k-1",
        key: String? = "k-1",
        _ headers: [String: String] = [:],
        method: HTTPRequest.Method = .post
    ) async throws -> TestResponse {
        let router = Router()
        router.add(middleware: ErrorDetailMiddleware())
        EventRoutes(ingest: ingest, apiKey: APIKey(apiKey)).add(to: router)
        var fields = HTTPFields()
        for (name, value) in headers { fields[try #require(HTTPField.Name(name))] = value }
        if let key { fields[try #require(HTTPField.Name("X-WebSocket-API-Key"))] = key }
        return try await Application(router: router).test(.router) { [fields] client in
            try await client.execute(uri: "/events", method: method, headers: fields, body: ByteBuffer(string: body))
        }
    }

    @Test func `an event is taken with its key and its trace`() async throws {
        let ingest = Ingest()
        let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        let headers = ["Idempotency-Key": "order-1", "traceparent": trace, "tracestate": "shop=1"]
        let response = try await post(Self.event, to: ingest, headers)
        #expect(response.status == .accepted)
        #expect(String(buffer: response.body) == #"{"event_id":"\#(Self.id)","status":"accepted"}"#)
        let taken = try #require(ingest.taken.first)
        #expect(taken.key == "order-1")
        #expect(taken.trace == TraceHeaders(traceParent: trace, traceState: "shop=1"))
        #expect(taken.envelope.eventType == "media.uploaded")
    }

    @Test func `an event without id and time gets them`() async throws {
        let ingest = Ingest()
        let body = #"{"event_type":"realtime.broadcast","source":"s","payload":{"topic":"t","event":"e","payload":{}}}"#
        let response = try await post(body, to: ingest)
        #expect(response.status == .accepted)
        let taken = try #require(ingest.taken.first)
        #expect(String(buffer: response.body).contains(taken.envelope.eventID.lowercased))
    }

    @Test(arguments: [
        (nil as String?, "k-1" as String?, 503), ("k-1", nil, 401), ("k-1", "k-2", 401), ("k-1", "", 401),
    ])
    func `nobody without the right key publishes`(_ configured: String?, _ given: String?, _ status: Int) async throws {
        let ingest = Ingest()
        let response = try await post(Self.event, to: ingest, apiKey: configured, key: given)
        #expect(response.status.code == status)
        #expect(ingest.taken.isEmpty)
    }

    @Test func `the key may be a bearer token`() async throws {
        let ingest = Ingest()
        let response = try await post(Self.event, to: ingest, key: nil, ["Authorization": "Bearer k-1"])
        #expect(response.status == .accepted)
    }

    @Test func `mistakes are told with their paths`() async throws {
        let ingest = Ingest()
        let body = Self.event.replacing(#""user_id":"u-1""#, with: #""user_id":7"#)
        let response = try await post(body, to: ingest)
        #expect(response.status == .unprocessableContent)
        #expect(String(buffer: response.body).contains("payload.user_id"))
        #expect(ingest.taken.isEmpty)
    }

    @Test(arguments: ["", "{", "\u{FEFF}{}", #"{"a":1,}"#])
    func `what is not JSON is a bad request`(_ body: String) async throws {
        let response = try await post(body, to: Ingest())
        #expect(response.status == .badRequest)
        #expect(String(buffer: response.body).contains("detail"))
    }

    @Test func `a body or a key beyond its bound is refused`() async throws {
        let ingest = Ingest()
        let long = String(repeating: " ", count: 1 << 20) + Self.event
        #expect(try await post(long, to: ingest).status == .contentTooLarge)
        let key = String(repeating: "k", count: 256)
        #expect(try await post(Self.event, to: ingest, ["Idempotency-Key": key]).status == .badRequest)
        #expect(ingest.taken.isEmpty)
    }

    @Test func `a key for another event is told, and so is a store that takes nothing`() async throws {
        let reused = try await post(Self.event, to: Ingest(failing: .keyReused))
        #expect(reused.status == .unprocessableContent)
        #expect(String(buffer: reused.body).contains("Idempotency-Key"))
        let busy = try await post(Self.event, to: Ingest(failing: .busy("later")))
        #expect(busy.status == .serviceUnavailable)
        #expect(busy.headers[.retryAfter] == "5")
    }

    @Test func `only POST is served`() async throws {
        let response = try await post("", to: Ingest(), method: .get)
        #expect(response.status == .methodNotAllowed)
    }
}
