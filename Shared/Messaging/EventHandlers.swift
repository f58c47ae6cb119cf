package import EventSchema

/// Reads deliveries as events and gives each to the handler of its type.
///
/// A delivery that cannot be read is parked with the reason, so a poison message is tried once and then waits for an
/// operator.
package struct EventHandlers: Sendable {
    /// An event on its way to its handler.
    package struct Received<Payload: EventPayload>: Sendable {
        package let envelope: Envelope
        package let payload: Payload
        package let delivery: Delivery

        /// The trace to hand on.
        package var trace: TraceContext { .handingOn(delivery.message) }
    }

    private typealias Handler = @Sendable (Envelope, Delivery) async -> Settlement

    private var handlers: [String: Handler] = [:]

    package init() {}

    /// Handles events of one type.
    package mutating func on<Payload: EventPayload>(
        _: Payload.Type,
        _ handle: @escaping @Sendable (Received<Payload>) async -> Settlement
    ) {
        handlers[Payload.eventType] = { envelope, delivery in
            do throws(SchemaError) {
                let payload = try envelope.decode(Payload.self)
                return await handle(Received(envelope: envelope, payload: payload, delivery: delivery))
            } catch {
                return .park(reason: error.description)
            }
        }
    }

    /// Reads `delivery` and runs the handler for it.
    package func handle(_ delivery: Delivery) async -> Settlement {
        let envelope: Envelope
        do throws(SchemaError) {
            envelope = try Envelope(parsing: delivery.message.body)
        } catch {
            return .park(reason: error.description)
        }
        guard let handler = handlers[envelope.eventType] else {
            let known = handlers.keys.sorted().joined(separator: ", ")
            return .park(reason: "event_type: \"\(envelope.eventType)\" is not handled here; known are \(known)")
        }
        return await CurrentEvent.$id.withValue(envelope.eventID.lowercased) { await handler(envelope, delivery) }
    }
}
