import EventSchema
import HTTPTypes
import Hummingbird
import RealtimeDomain

/// Has events taken that come by HTTP, and answers 202 for them.
struct EventIntake: Sendable {
    /// Bytes of an `Idempotency-Key`.
    private static let maximumKey = 255

    let ingest: any EventIngest

    /// Makes `envelope` durable under the request's `Idempotency-Key`, or without one under its `event_id`.
    func take(_ envelope: Envelope, _ request: Request, body: [UInt8]) async throws -> Response {
        let key = try Self.idempotencyKey(of: request)
        let trace = TraceHeaders(
            traceParent: request.headers[.traceParent],
            traceState: request.headers[.traceState]
        )
        do throws(IngestError) {
            let receipt = try await ingest.accept(envelope, key: key, request: body, trace: trace)
            return .json(
                .accepted,
                ["event_id": .string(receipt.eventID), "status": receipt.isRepeated ? "repeated" : "accepted"]
            )
        } catch {
            throw Self.detail(of: error)
        }
    }

    private static func idempotencyKey(of request: Request) throws(ErrorDetail) -> String? {
        guard let key = request.headers[.idempotencyKey] else { return nil }
        guard !key.isEmpty, key.utf8.count <= maximumKey else {
            throw ErrorDetail(.badRequest, "Idempotency-Key: expected 1 to \(maximumKey) bytes, got \(key.utf8.count)")
        }
        return key
    }

    private static func detail(of error: IngestError) -> ErrorDetail {
        switch error {
        case .keyReused:
            ErrorDetail(.unprocessableContent, "another event was sent under this Idempotency-Key or event_id")
        case .busy(let reason):
            ErrorDetail(.serviceUnavailable, reason, [.retryAfter: "5"])
        }
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
