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
        package let trace: TraceContext

        /// Within the span that the delivery is handled in, which is what is handed on.
        fileprivate init(_ envelope: Envelope, _ payload: Payload, _ delivery: Delivery) {
            self.envelope = envelope
            self.payload = payload
            self.delivery = delivery
            trace = .current ?? TraceContext(of: delivery.message, or: envelope)
        }
    }

    private typealias Handler = @Sendable (Envelope, Delivery) async -> Settlement

    private let decoder: EventDecoder
    private var handlers: [String: Handler] = [:]

    package init(decoder: EventDecoder = EventDecoder()) {
        self.decoder = decoder
    }

    /// Handles events of one type.
    package mutating func on<Payload: EventPayload>(
        _: Payload.Type,
        _ handle: @escaping @Sendable (Received<Payload>) async -> Settlement
    ) {
        handlers[Payload.eventType] = { envelope, delivery in
            do throws(SchemaError) {
                let payload = try envelope.decode(Payload.self)
                return await handle(Received(envelope, payload, delivery))
            } catch {
                return .park(reason: error.description)
            }
        }
    }

    /// Handles each event of one type once: its effect, the note in `inbox` and what it publishes are one transaction.
    package mutating func on<Payload: EventPayload>(
        _: Payload.Type,
        once inbox: Inbox,
        _ effect: @escaping @Sendable (Received<Payload>, UnitOfWork) throws -> Void
    ) {
        on(Payload.self) { received in
            await inbox.settle(InboxKey(received.envelope, received.delivery)) { work in try effect(received, work) }
        }
    }

    /// Reads `delivery` and runs the handler for it.
    package func handle(_ delivery: Delivery) async -> Settlement {
        let envelope: Envelope
        do throws(SchemaError) {
            envelope = try decoder.envelope(of: delivery)
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
