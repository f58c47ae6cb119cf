import EventSchema
package import Hummingbird
package import RealtimeDomain

/// `POST /api/broadcast`: an event of a backend's own for everybody on a topic, `{topic, event, payload}`.
///
/// Answered 202 once it is durable; it reaches clients of every node as `realtime.broadcast` does.
package struct BroadcastRoutes: Sendable {
    /// Bytes of a request's body.
    private static let maximumBody = 1 << 20

    private let intake: EventIntake
    private let apiKey: APIKey
    private let source: String

    /// - Parameter source: What this service calls itself in the events that it writes.
    package init(ingest: any EventIngest, apiKey: APIKey, source: String) {
        intake = EventIntake(ingest: ingest)
        self.apiKey = apiKey
        self.source = source
    }

    package func add<Context: RequestContext>(to router: Router<Context>) {
        router.post("/api/broadcast") { request, _ in try await broadcast(request) }
        router.refuseOtherMethods(than: [.post], on: "/api/broadcast")
    }

    private func broadcast(_ request: Request) async throws -> Response {
        try apiKey.check(request)
        let fields = try await request.object(atMost: Self.maximumBody)
        let event = try RealtimeBroadcast(fields: fields)
        // Of the fields, not of the envelope: that has another id and time when the request is repeated.
        return try await intake.take(
            Envelope(event, source: source),
            request,
            body: JSONValue.object(fields).encoded
        )
    }
}
