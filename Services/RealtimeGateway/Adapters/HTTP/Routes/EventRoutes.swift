import EventSchema
import Foundation
import HTTPTypes
package import Hummingbird
package import RealtimeDomain

/// `POST /events`: the bus for backends that do not speak AMQP.
///
/// Answered 202 once the event is durable here; it is published as soon as the broker takes it. A request may be repeated
/// under its `Idempotency-Key` (or, without one, under its `event_id`): it takes effect once.
package struct EventRoutes: Sendable {
    /// Bytes of a request's body; what is larger belongs into an object store.
    private static let maximumBody = 1 << 20

    private let intake: EventIntake
    private let apiKey: APIKey

    package init(ingest: any EventIngest, apiKey: APIKey) {
        intake = EventIntake(ingest: ingest)
        self.apiKey = apiKey
    }

    package func add<Context: RequestContext>(to router: Router<Context>) {
        router.post("/events") { request, _ in try await accept(request) }
        router.refuseOtherMethods(than: [.post], on: "/events")
    }

    private func accept(_ request: Request) async throws -> Response {
        try apiKey.check(request)
        let body = try await request.bytes(atMost: Self.maximumBody)
        return try await intake.take(try Self.envelope(in: body), request, body: body)
    }

    /// Reads the event; one without an id or a time gets them here.
    private static func envelope(in body: [UInt8]) throws(ErrorDetail) -> Envelope {
        var value = try JSONValue(body: body)
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
}
