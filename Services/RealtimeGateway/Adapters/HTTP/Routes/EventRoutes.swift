import EventSchema
import Foundation
import HTTPTypes
package import Hummingbird
import NIOCore
package import RealtimeDomain

/// `POST /events`: the bus for backends that do not speak AMQP.
///
/// Answered 202 once the event is durable here; it is published as soon as the broker takes it. A request may be repeated
/// under its `Idempotency-Key` (or, without one, under its `event_id`): it takes effect once.
package struct EventRoutes: Sendable {
    /// Bytes of a request's body; what is larger belongs into an object store.
    private static let maximumBody = 1 << 20
    /// Bytes of an `Idempotency-Key`.
    private static let maximumKey = 255

    private let ingest: any EventIngest
    private let apiKey: APIKey

    package init(ingest: any EventIngest, apiKey: APIKey) {
        self.ingest = ingest
        self.apiKey = apiKey
    }

    package func add<Context: RequestContext>(to router: Router<Context>) {
        router.post("/events") { request, _ in try await accept(request) }
        router.refuseOtherMethods(than: [.post], on: "/events")
    }

    private func accept(_ request: Request) async throws -> Response {
        try apiKey.check(request)
        let key = try idempotencyKey(of: request)
        let body = try await body(of: request)
        let envelope = try Self.envelope(in: body, key: key)
        let trace = TraceHeaders(
            traceParent: request.headers[.traceParent],
            traceState: request.headers[.traceState]
        )
        do throws(IngestError) {
            let receipt = try await ingest.accept(envelope, key: key, request: body, trace: trace)
            return Self.answer(
                .accepted,
                [
                    "event_id": .string(receipt.eventID),
                    "status": receipt.isRepeated ? "repeated" : "accepted",
                ]
            )
        } catch {
            throw Self.detail(of: error)
        }
    }

    // MARK: The request

    private func idempotencyKey(of request: Request) throws(ErrorDetail) -> String? {
        guard let key = request.headers[.idempotencyKey] else { return nil }
        guard !key.isEmpty, key.utf8.count <= Self.maximumKey else {
            throw ErrorDetail(
                .badRequest,
                "Idempotency-Key: expected 1 to \(Self.maximumKey) bytes, got \(key.utf8.count)"
            )
        }
        return key
    }

    private func body(of request: Request) async throws -> [UInt8] {
        do {
            return Array(try await request.body.collect(upTo: Self.maximumBody).readableBytesView)
        } catch is NIOTooManyBytesError {
            throw ErrorDetail(.contentTooLarge, "an event has at most \(Self.maximumBody) bytes")
        }
    }

    /// Reads the event; one without an id or a time gets them here.
    private static func envelope(in body: [UInt8], key: String?) throws(ErrorDetail) -> Envelope {
        var value: JSONValue
        do throws(JSONError) {
            value = try JSONParser.parse(body)
        } catch {
            throw ErrorDetail(.badRequest, error.description)
        }
        if case .object(var members) = value {
            if members["event_id"] == nil { members["event_id"] = .string(UUID().lowercased) }
            if members["timestamp"] == nil { members["timestamp"] = .string(Timestamp.now.description) }
            value = .object(members)
        }
        let mistakes = EventExaminer.mistakes(in: value)
        guard mistakes.isEmpty, let envelope = try? Envelope(value) else {
            throw ErrorDetail(.unprocessableContent, "the event is not valid", errors: mistakes)
        }
        return envelope
    }

    // MARK: The answer

    private static func detail(of error: IngestError) -> ErrorDetail {
        switch error {
        case .keyReused:
            ErrorDetail(.unprocessableContent, "another event was sent under this Idempotency-Key or event_id")
        case .busy(let reason):
            ErrorDetail(.serviceUnavailable, reason, [.retryAfter: "5"])
        }
    }

    private static func answer(_ status: HTTPResponse.Status, _ object: JSONObject) -> Response {
        Response(
            status: status,
            headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: JSONValue.object(object).encoded))
        )
    }
}

extension HTTPField.Name {
    fileprivate static var idempotencyKey: Self { named("Idempotency-Key") }
    fileprivate static var traceParent: Self { named("traceparent") }
    fileprivate static var traceState: Self { named("tracestate") }

    private static func named(_ name: String) -> Self {
        guard let name = Self(name) else { preconditionFailure("\(name) is no field name") }
        return name
    }
}
